// A program with breakpoints of its own: int3 and raised SIGTRAPs reach its handler.
#include "tracee.h"

#include <signal.h>
#include <ucontext.h>

static volatile sig_atomic_t from_kernel, from_user;
static volatile unsigned long stopped_at;

static void on_trap(int signal, siginfo_t *info, void *context) {
  (void)signal;
  if (info->si_code == SI_KERNEL) from_kernel++;
  if (info->si_code == SI_TKILL || info->si_code == SI_USER) from_user++;
  stopped_at = ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
}

int main(void) {
  struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
  CHECK(sigaction(SIGTRAP, &action, NULL) == 0);
  for (int i = 0; i < 3; i++) {
    unsigned long behind;
    __asm__ volatile("int3\n1: lea 1b(%%rip), %0" : "=r"(behind));
    CHECK(stopped_at == behind);
  }
  CHECK(from_kernel == 3 && from_user == 0);
  raise(SIGTRAP);
  kill(getpid(), SIGTRAP);
  CHECK(from_kernel == 3 && from_user == 2);
  printf("%d breakpoints, %d raised\n", (int)from_kernel, (int)from_user);
  return success();
}
