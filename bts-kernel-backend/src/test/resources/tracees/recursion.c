// Recursion ten thousand calls deep: ten thousand returns that no return predictor holds.
#include "tracee.h"

__attribute__((noinline)) static unsigned long sum_down(unsigned long n) {
  unsigned long rest = n == 0 ? 0 : sum_down(n - 1);
  __asm__ volatile("" : "+r"(rest));  // no tail call, no loop instead
  return rest + n;
}

int main(void) {
  CHECK(sum_down(10000) == 50005000);
  printf("10000 deep\n");
  return success();
}
