// Sorts random numbers by quicksort and insertion sort, and follows Collatz sequences: unpredictable branches, few of them
// indirect. Its arguments say how often and how many (default 1 and 100).
#include "tracee.h"

static unsigned state = 12345;

static unsigned next_random(void) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

static void insertion_sort(int *numbers, int count) {
  for (int i = 1; i < count; i++) {
    int number = numbers[i], at = i;
    for (; at > 0 && numbers[at - 1] > number; at--) numbers[at] = numbers[at - 1];
    numbers[at] = number;
  }
}

static void quicksort(int *numbers, int count) {
  while (count > 16) {
    int pivot = numbers[count / 2], low = 0, high = count - 1;
    while (low <= high) {
      while (numbers[low] < pivot) low++;
      while (numbers[high] > pivot) high--;
      if (low <= high) {
        int swapped = numbers[low];
        numbers[low++] = numbers[high];
        numbers[high--] = swapped;
      }
    }
    quicksort(numbers, high + 1);
    numbers += low;
    count -= low;
  }
  insertion_sort(numbers, count);
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 1;
  int count = argc > 2 ? atoi(argv[2]) : 100;
  int *numbers = malloc(count * sizeof *numbers);
  unsigned long steps = 0;
  CHECK(numbers != NULL);
  for (int round = 0; round < rounds; round++) {
    for (int i = 0; i < count; i++) numbers[i] = (int)next_random();
    quicksort(numbers, count);
    for (int i = 1; i < count; i++) CHECK(numbers[i - 1] <= numbers[i]);
    for (int i = 0; i < count; i += 100) steps += collatz_steps((unsigned)numbers[i] | 1);
  }
  free(numbers);
  printf("%lu steps\n", steps);
  return success();
}
