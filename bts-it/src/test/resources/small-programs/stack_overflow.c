// A guard page below the stack, met by a handler on another stack.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

static char other[65536];
static sigjmp_buf back;

static void on_fault(int signal) { siglongjmp(back, signal); }

int main(void) {
  stack_t stack = {.ss_sp = other, .ss_size = sizeof other};
  struct sigaction action = {.sa_handler = on_fault, .sa_flags = SA_ONSTACK};
  sigaltstack(&stack, NULL);
  sigaction(SIGSEGV, &action, NULL);
  char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(pages, 4096, PROT_NONE);
  volatile int faults = 0, i;
  for (i = 0; i < 6; i++) {
    if (sigsetjmp(back, 1) == 0) {
      for (char *at = pages + 8191; at >= pages; at -= 64) *(volatile char *)at = 1;
    } else {
      faults++;
    }
  }
  return faults != 6;
}
