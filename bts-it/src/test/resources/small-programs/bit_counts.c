// Loops with data-dependent exits.
#include <stdint.h>

int main(void) {
  uint64_t seed = 88172645463325252u;
  int sum = 0;
  for (int i = 0; i < 200; i++) {
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    for (uint64_t rest = seed; rest != 0; rest &= rest - 1) sum++;
  }
  return sum != 6468;
}
