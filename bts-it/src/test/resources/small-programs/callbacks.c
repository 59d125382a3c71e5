// The library calls back.
#include <stdlib.h>

static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

int main(void) {
  int values[200];
  unsigned seed = 1;
  for (int i = 0; i < 200; i++) values[i] = (int)((seed = seed * 1103515245 + 12345) >> 16 & 0x7fff);
  qsort(values, 200, sizeof(int), compare);
  int found = 0;
  for (int i = 0; i < 200; i += 3) found += bsearch(&values[i], values, 200, sizeof(int), compare) != NULL;
  return found != 67;
}
