// setjmp and longjmp, plain and out of signal handlers, and signals that the program sends to itself.
#include "tracee.h"

#include <setjmp.h>
#include <signal.h>

static jmp_buf plain;
static sigjmp_buf from_handler;
static volatile sig_atomic_t handled;

static void count(int signal) {
  (void)signal;
  handled++;
}

static void jump_out(int signal) {
  siglongjmp(from_handler, signal);
}

static int descend(int depth) {
  if (depth == 0) longjmp(plain, 7);
  return depth < 0 ? 0 : descend(depth - 1) + 1;
}

int main(void) {
  for (volatile int round = 0; round < 3; round++) {
    int value = setjmp(plain);
    if (value == 0) descend(10 + round);
    CHECK(value == 7);
  }
  signal(SIGUSR1, count);
  for (int i = 0; i < 5; i++) CHECK(raise(SIGUSR1) == 0);
  CHECK(handled == 5);

  signal(SIGUSR2, jump_out);
  for (volatile int round = 0; round < 3; round++) {
    int value = sigsetjmp(from_handler, 1);
    if (value == 0) {
      raise(SIGUSR2);
      CHECK(!"the handler does not return");
    }
    CHECK(value == SIGUSR2);
  }
  printf("collatz %u\n", collatz_steps(27));
  return success();
}
