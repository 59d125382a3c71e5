// malloc and free in changing order.
#include <stdlib.h>

int main(void) {
  void *kept[16] = {0};
  unsigned seed = 7;
  for (int i = 0; i < 300; i++) {
    seed = seed * 1664525 + 1013904223;
    int slot = seed >> 28;
    free(kept[slot]);
    kept[slot] = malloc(seed >> 20 & 0xfff);
  }
  int there = 0;
  for (int i = 0; i < 16; i++) there += kept[i] != NULL;
  return there != 16;
}
