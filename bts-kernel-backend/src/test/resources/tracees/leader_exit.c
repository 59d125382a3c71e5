// The first thread ends before the others; the process lives on until the last one does.
#include "tracee.h"

#include <pthread.h>

static pthread_t leader;

static void *outlive(void *argument) {
  (void)argument;
  CHECK(pthread_join(leader, NULL) == 0);
  printf("outlived the leader, collatz %u\n", collatz_steps(27));
  success();
  exit(0);
}

int main(void) {
  leader = pthread_self();
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, outlive, NULL) == 0);
  pthread_exit(NULL);
}
