// Becomes another user if it is root, and works; with an argument, until it is killed.
#include "tracee.h"

int main(int argc, char **argv) {
  (void)argv;
  if (getuid() == 0) CHECK(setresuid(65534, 65534, 65534) == 0);
  do CHECK(collatz_steps(27) == 111);
  while (argc > 1);
  return success();
}
