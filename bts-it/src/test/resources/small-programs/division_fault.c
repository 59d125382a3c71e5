// A fault in the middle of a calculation, left by siglongjmp.
#include <setjmp.h>
#include <signal.h>

static sigjmp_buf back;

static void on_fault(int signal) { siglongjmp(back, signal); }

int main(void) {
  volatile int zero = 0, faults = 0, i;
  signal(SIGFPE, on_fault);
  for (i = 0; i < 10; i++) {
    if (sigsetjmp(back, 1) == 0) {
      zero = 7 / zero;
    } else {
      faults++;
    }
  }
  return faults != 10;
}
