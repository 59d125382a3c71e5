// Executes itself four times, each time as a new program in the same process.
#include "tracee.h"

int main(int argc, char **argv) {
  (void)argv;
  static char *const rest[] = {"exec_self", "a", "b", "c", "d", NULL};
  char *arguments[6] = {0};
  if (argc <= 4) {
    memcpy(arguments, rest, (size_t)(argc + 1) * sizeof *rest);
    printf("exec with %d arguments, collatz %u\n", argc, collatz_steps(27));
    fflush(stdout);
    execv("/proc/self/exe", arguments);
    CHECK(!"exec returns on failure only");
  }
  return success();
}
