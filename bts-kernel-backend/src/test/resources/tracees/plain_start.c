// Executes its arguments as a login shell would start them: no signal blocked, none ignored. For tests, whose Java blocks
// SIGQUIT in every program it starts.
#include "tracee.h"

#include <signal.h>

int main(int argc, char **argv) {
  CHECK(argc > 1);
  sigset_t none;
  sigemptyset(&none);
  CHECK(sigprocmask(SIG_SETMASK, &none, NULL) == 0);
  for (int number = 1; number <= SIGRTMAX; number++) signal(number, SIG_DFL);
  execvp(argv[1], argv + 1);
  CHECK(!"exec returns on failure only");
  return 1;
}
