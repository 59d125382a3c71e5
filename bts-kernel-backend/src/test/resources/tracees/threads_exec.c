// Threads compute while another thread than the first one executes a new program: all others are gone then, and the new
// program has the process id.
#include "tracee.h"

#include <pthread.h>

static pthread_barrier_t barrier;

static void *compute(void *argument) {
  (void)argument;
  pthread_barrier_wait(&barrier);
  for (;;) CHECK(collatz_steps(27) == 111);
}

static void *execute(void *argument) {
  (void)argument;
  pthread_barrier_wait(&barrier);
  char pid[32];
  snprintf(pid, sizeof pid, "%d", (int)getpid());
  execl("/proc/self/exe", "threads_exec", pid, (char *)NULL);
  CHECK(!"exec returns on failure only");
  return NULL;
}

int main(int argc, char **argv) {
  if (argc > 1) {
    CHECK(atoi(argv[1]) == getpid());
    CHECK(gettid() == getpid());
    printf("executed by a thread, collatz %u\n", collatz_steps(27));
    return success();
  }
  pthread_t thread;
  CHECK(pthread_barrier_init(&barrier, NULL, 4) == 0);
  for (int i = 0; i < 2; i++) CHECK(pthread_create(&thread, NULL, compute, NULL) == 0);
  CHECK(pthread_create(&thread, NULL, execute, NULL) == 0);
  compute(NULL);
}
