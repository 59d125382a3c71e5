// Forks: children that exit, children that die by a signal, a grandchild, and memory that is not shared.
#include "tracee.h"

#include <signal.h>
#include <sys/wait.h>

static int value = 1;

static void check_child(pid_t child, int exit_code, int signal) {
  int status;
  CHECK(waitpid(child, &status, 0) == child);
  if (signal == 0) {
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == exit_code);
  } else {
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == signal);
  }
}

int main(void) {
  for (int i = 0; i < 3; i++) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      value += i;
      printf("child %d collatz %u\n", i, collatz_steps(27 + i));
      fflush(stdout);
      _exit(value);
    }
    check_child(child, 1 + i, 0);
    CHECK(value == 1);
  }
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    pid_t grandchild = fork();
    CHECK(grandchild >= 0);
    if (grandchild == 0) {
      printf("grandchild\n");
      fflush(stdout);
      _exit(5);
    }
    check_child(grandchild, 5, 0);
    _exit(6);
  }
  check_child(child, 6, 0);
  child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    for (;;) pause();
  }
  CHECK(kill(child, SIGTERM) == 0);
  check_child(child, 0, SIGTERM);
  return success();
}
