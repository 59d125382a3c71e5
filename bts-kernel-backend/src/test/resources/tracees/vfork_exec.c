// vfork and exec, the way posix_spawn and shells start programs; the child's failure to exec is seen by the parent.
#include "tracee.h"

#include <spawn.h>
#include <sys/wait.h>

static int status_of(pid_t child) {
  int status;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  return WEXITSTATUS(status);
}

int main(int argc, char **argv, char **environment) {
  if (argc > 1) {
    printf("%s, collatz %u\n", argv[1], collatz_steps(27));
    fflush(stdout);
    return 3;
  }
  for (int round = 0; round < 3; round++) {
    pid_t child = vfork();
    CHECK(child >= 0);
    if (child == 0) {
      execl("/proc/self/exe", "vfork_exec", "after vfork", (char *)NULL);
      _exit(127);
    }
    CHECK(status_of(child) == 3);
  }
  volatile int error = 0;
  pid_t child = vfork();
  CHECK(child >= 0);
  if (child == 0) {
    execl("/nonexistent", "nonexistent", (char *)NULL);
    error = errno;
    _exit(127);
  }
  CHECK(status_of(child) == 127 && error == ENOENT);

  char *arguments[] = {"vfork_exec", "after posix_spawn", NULL};
  CHECK(posix_spawn(&child, "/proc/self/exe", NULL, NULL, arguments, environment) == 0);
  CHECK(status_of(child) == 3);
  return success();
}
