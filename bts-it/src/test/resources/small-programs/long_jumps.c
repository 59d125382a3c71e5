// setjmp and longjmp, out of several frames at once.
#include <setjmp.h>

static jmp_buf top;

static void down(int n) {
  if (n == 0) longjmp(top, 1);
  if (n > 0) down(n - 1);
}

int main(void) {
  volatile int count = 0;
  while (count < 30) {
    if (setjmp(top) != 0) {
      count++;
    } else {
      down(count);
    }
  }
  return count != 30;
}
