// Lowers its own RLIMIT_MEMLOCK to nothing and then, as its argument says: forks a child that works (the default), or
// executes itself, which works.
#include "tracee.h"

#include <sys/resource.h>
#include <sys/wait.h>

int main(int argc, char **argv) {
  const char *then = argc > 1 ? argv[1] : "fork";
  if (strcmp(then, "work") == 0) {
    CHECK(collatz_steps(27) == 111);
    return success();
  }
  CHECK(setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){0, 0}) == 0);
  if (strcmp(then, "exec") == 0) {
    execl("/proc/self/exe", "lower_limit", "work", (char *)NULL);
    CHECK(!"exec returns on failure only");
  }
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) _exit(collatz_steps(27) == 111 ? 5 : 1);
  int status;
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 5);
  return success();
}
