// SIGILL, whose handler goes on behind the instruction.
#define _GNU_SOURCE
#include <signal.h>
#include <ucontext.h>

static int hits;

static void on_illegal(int signal, siginfo_t *info, void *context) {
  hits += signal == SIGILL && info->si_addr == (void *)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
  ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2;
}

int main(void) {
  struct sigaction action = {.sa_sigaction = on_illegal, .sa_flags = SA_SIGINFO};
  sigaction(SIGILL, &action, NULL);
  for (int i = 0; i < 10; i++) __asm__ volatile("ud2");
  return hits != 10;
}
