// A storm of asynchronous signals: whatever the moment, the interrupted context is one that the program can be in, and the
// program's registers and flags are what they were.
#include "tracee.h"

#include <signal.h>
#include <stdint.h>
#include <sys/time.h>
#include <ucontext.h>

enum { SIGNALS = 200 };

extern char __executable_start, etext;

static volatile sig_atomic_t handled, outside;

static int in_program(uintptr_t address) {
  return address >= (uintptr_t)&__executable_start && address < (uintptr_t)&etext;
}

static void look(int signal, siginfo_t *info, void *context) {
  (void)signal;
  (void)info;
  const ucontext_t *interrupted = context;
  if (!in_program((uintptr_t)interrupted->uc_mcontext.gregs[REG_RIP])) outside++;
  handled++;
}

// Calls through a pointer, returns, jumps and a loop; every general register is in use.
static uint64_t step(uint64_t value, int round) {
  return round == 0 ? value : step(value * 6364136223846793005u + 1442695040888963407u, round - 1);
}

static uint64_t (*volatile indirect)(uint64_t, int) = step;

static uint64_t expected(void) {
  uint64_t sum = 0;
  for (int i = 0; i < 50; i++) sum ^= step(sum + i, i % 7);
  return sum;
}

int main(void) {
  struct sigaction action = {.sa_sigaction = look, .sa_flags = SA_SIGINFO | SA_RESTART};
  uint64_t right = expected();
  CHECK(sigaction(SIGALRM, &action, NULL) == 0);
  struct itimerval often = {{0, 500}, {0, 500}};
  CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
  while (handled < SIGNALS) {
    uint64_t sum = 0;
    for (int i = 0; i < 50; i++) sum ^= indirect(sum + i, i % 7);
    CHECK(sum == right);
    CHECK(collatz_steps(27) == 111);
  }
  struct itimerval never = {{0, 0}, {0, 0}};
  CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
  // The kernel's own code in the vDSO is not called here.
  CHECK(outside == 0);
  printf("the storm is over\n");
  return success();
}
