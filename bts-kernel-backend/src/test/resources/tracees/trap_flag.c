// What the program sees of the trap flag: nothing, unless it sets the flag itself.
#include "tracee.h"

#include <signal.h>
#include <stdint.h>
#include <ucontext.h>

enum { TRAP_FLAG = 1 << 8, DIRECTION_FLAG = 1 << 10, ALIGNMENT_CHECK = 1 << 18, IDENTIFICATION = 1 << 21 };

static volatile sig_atomic_t traps;
static volatile uint64_t handler_saw;

static uint64_t flags(void) {
  uint64_t value;
  __asm__ volatile("pushfq\n pop %0" : "=r"(value));
  return value;
}

static void set_flags(uint64_t value) {
  __asm__ volatile("push %0\n popfq" : : "r"(value) : "cc", "memory");
}

static void on_signal(int signal, siginfo_t *info, void *context) {
  (void)info;
  if (signal == SIGTRAP) traps++;
  handler_saw = ((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL];
}

static void check_own_trap_flag(void) {
  uint64_t with = flags() | TRAP_FLAG;
  uint64_t without = flags();
  // Traps come behind each nop and behind the instruction that clears the flag, not behind the one that sets it.
  __asm__ volatile(
      "push %1\n push %0\n popfq\n nop\n nop\n nop\n popfq" : : "r"(with), "r"(without) : "cc", "memory");
  CHECK(traps == 4);
}

int main(int argc, char **argv) {
  (void)argv;
  for (int i = 0; i < 10; i++) CHECK((flags() & TRAP_FLAG) == 0);
  uint64_t usual = flags();
  uint64_t changeable[] = {DIRECTION_FLAG, ALIGNMENT_CHECK, IDENTIFICATION};
  for (unsigned i = 0; i < sizeof changeable / sizeof *changeable; i++) {
    uint64_t read;
    __asm__ volatile("push %1\n popfq\n pushfq\n pop %0\n push %2\n popfq"
                     : "=r"(read)
                     : "r"(usual | changeable[i]), "r"(usual)
                     : "cc", "memory");
    CHECK((read & changeable[i]) != 0);
    CHECK((read & TRAP_FLAG) == 0);
  }
  set_flags(usual);

  uint16_t narrow;
  __asm__ volatile("pushfw\n popw %0" : "=r"(narrow));
  CHECK((narrow & TRAP_FLAG) == 0);

  uint64_t from_system_call;  // syscall leaves the flags in r11
  __asm__ volatile("syscall\n mov %%r11, %0" : "=r"(from_system_call) : "a"(39) : "rcx", "r11", "memory");
  CHECK((from_system_call & TRAP_FLAG) == 0);

  struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
  CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
  CHECK(sigaction(SIGTRAP, &action, NULL) == 0);
  raise(SIGUSR1);
  CHECK((handler_saw & TRAP_FLAG) == 0);
  __asm__ volatile("int3");
  CHECK((handler_saw & TRAP_FLAG) == 0);
  printf("the trap flag is out of sight\n");

  if (argc > 1) {  // "trap_flag own": the program steps itself
    traps = 0;
    check_own_trap_flag();
    printf("the program stepped itself: %d traps\n", (int)traps);
  }
  return success();
}
