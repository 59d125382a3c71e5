// The first thread ends before the others; the process lives on until the last one does; with an argument, until
// it is killed.
#include "tracee.h"

#include <pthread.h>
#include <sys/syscall.h>

static pthread_t leader;

static void *outlive(void *argument) {
  CHECK(pthread_join(leader, NULL) == 0);
  while (argument != NULL) collatz_steps(27);
  printf("outlived the leader, collatz %u\n", collatz_steps(27));
  success();
  exit(0);
}

int main(int argc, char **argv) {
  leader = pthread_self();
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, outlive, argc > 1 ? argv : NULL) == 0);
  // The same without unwinding, which takes long where each instruction is stepped.
  if (argc > 1) syscall(SYS_exit, 0);
  pthread_exit(NULL);
}
