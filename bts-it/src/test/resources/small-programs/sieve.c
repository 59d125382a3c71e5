// Nested loops.
#include <string.h>

int main(void) {
  static char composite[2000];
  int primes = 0;
  for (int i = 2; i < 2000; i++) {
    if (composite[i]) continue;
    primes++;
    for (int k = i * i; k < 2000; k += i) composite[k] = 1;
  }
  return primes != 303;
}
