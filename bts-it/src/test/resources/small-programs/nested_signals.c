// Handlers that are interrupted by other handlers, and blocked signals that come at once when they are let.
#include <signal.h>
#include <stddef.h>

static volatile int first, second;

static void on_second(int signal) { second += signal; }

static void on_first(int signal) {
  first += signal;
  raise(SIGUSR2);
  raise(SIGUSR2);
}

int main(void) {
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  signal(SIGUSR1, on_first);
  signal(SIGUSR2, on_second);
  for (int i = 0; i < 5; i++) {
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    raise(SIGUSR1);
    sigprocmask(SIG_UNBLOCK, &blocked, NULL);
  }
  return first != 50 || second != 120;
}
