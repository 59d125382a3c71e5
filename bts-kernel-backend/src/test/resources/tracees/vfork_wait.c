// Waits in vfork for a child that works for a while and exits with 5; with an argument, for one that waits until it is
// killed, and computes then until it is killed too.
#include "tracee.h"

#include <signal.h>
#include <sys/wait.h>

int main(int argc, char **argv) {
  (void)argv;
  int status;
  pid_t child = vfork();
  CHECK(child >= 0);
  if (child == 0) {
    while (argc > 1) pause();
    for (int i = 0; i < 40; i++) collatz_steps(27);
    _exit(5);
  }
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(argc > 1 ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 5);
  while (argc > 1) collatz_steps(27);
  return success();
}
