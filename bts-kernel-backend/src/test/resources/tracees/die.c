// Ends in the way its argument says: "exit N", "signal N" (raised), "kill N" (sent to the process), "segv", "abort", "ill",
// "fpe", "trap" (int3), "thread N" (raised by a second thread), "stack" (endless recursion).
#include "tracee.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

static volatile int sink;

static void *raise_in_thread(void *number) {
  raise(atoi(number));
  return NULL;
}

__attribute__((noinline)) static int recurse(int depth) {
  if (depth < 0) return 0;
  volatile char frame[4096];
  frame[0] = (char)depth;
  return recurse(depth + 1) + frame[0];
}

int main(int argc, char **argv) {
  CHECK(argc > 1);
  const char *how = argv[1];
  const char *number = argc > 2 ? argv[2] : "0";
  struct rlimit no_core = {0, 0};
  CHECK(setrlimit(RLIMIT_CORE, &no_core) == 0);
  printf("dying by %s %s, collatz %u\n", how, number, collatz_steps(27));
  fflush(stdout);
  if (strcmp(how, "exit") == 0) return atoi(number);
  if (strcmp(how, "signal") == 0) raise(atoi(number));
  if (strcmp(how, "kill") == 0) kill(getpid(), atoi(number));
  if (strcmp(how, "segv") == 0) *(volatile int *)8 = 0;
  if (strcmp(how, "abort") == 0) abort();
  if (strcmp(how, "ill") == 0) __builtin_trap();
  if (strcmp(how, "fpe") == 0) {
    volatile int zero = 0;
    sink = 1234 / zero;
  }
  if (strcmp(how, "trap") == 0) __asm__ volatile("int3");
  if (strcmp(how, "stack") == 0) sink = recurse(0);
  if (strcmp(how, "thread") == 0) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, raise_in_thread, argv[2]) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
  }
  printf("survived\n");
  return 1;
}
