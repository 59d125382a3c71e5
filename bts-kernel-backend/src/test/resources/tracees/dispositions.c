// A program that blocks, ignores and handles SIGTRAP and SIGSEGV, computes meanwhile, and finds mask and dispositions as
// it left them: by sigaction, by sigprocmask, and in /proc/self/status.
#include "tracee.h"

#include <signal.h>

static void handler(int signal) {
  (void)signal;
}

static unsigned long long status_mask(const char *name) {
  char line[256];
  FILE *status = fopen("/proc/self/status", "r");
  CHECK(status != NULL);
  unsigned long long mask = 0;
  size_t length = strlen(name);
  int found = 0;
  while (fgets(line, sizeof line, status) != NULL) {
    if (strncmp(line, name, length) == 0) {
      mask = strtoull(line + length + 1, NULL, 16);
      found = 1;
    }
  }
  fclose(status);
  CHECK(found);
  return mask;
}

static void check(int signal, int blocked, void (*disposition)(int)) {
  sigset_t now;
  CHECK(sigprocmask(SIG_SETMASK, NULL, &now) == 0);
  CHECK(sigismember(&now, signal) == blocked);
  struct sigaction action;
  CHECK(sigaction(signal, NULL, &action) == 0);
  CHECK(action.sa_handler == disposition);
  unsigned long long bit = 1ULL << (signal - 1);
  CHECK(((status_mask("SigBlk") & bit) != 0) == blocked);
  if (signal == SIGTRAP) return;  // a tracer may keep a handler of its own there, which /proc alone shows
  CHECK(((status_mask("SigIgn") & bit) != 0) == (disposition == SIG_IGN));
  CHECK(((status_mask("SigCgt") & bit) != 0) == (disposition == handler));
}

int main(void) {
  static const int signals[] = {SIGTRAP, SIGSEGV};
  static void (*const dispositions[])(int) = {SIG_DFL, SIG_IGN, handler};
  static const char *const names[] = {"default", "ignored", "handled"};
  for (int s = 0; s < 2; s++) {
    for (int d = 0; d < 3; d++) {
      for (int blocked = 0; blocked < 2; blocked++) {
        struct sigaction action = {.sa_handler = dispositions[d]};
        CHECK(sigaction(signals[s], &action, NULL) == 0);
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, signals[s]);
        CHECK(sigprocmask(blocked ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL) == 0);
        CHECK(collatz_steps(27) == 111);
        check(signals[s], blocked, dispositions[d]);
        if (blocked) {  // a raised one stays pending, whatever the tracer does
          if (dispositions[d] == handler) {
            CHECK(raise(signals[s]) == 0);
            sigset_t pending;
            CHECK(collatz_steps(27) == 111);
            CHECK(sigpending(&pending) == 0 && sigismember(&pending, signals[s]) == 1);
          }
          check(signals[s], blocked, dispositions[d]);
        }
        printf("%s %s %s\n", strsignal(signals[s]), names[d], blocked ? "blocked" : "unblocked");
        CHECK(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
      }
    }
    signal(signals[s], SIG_DFL);
  }
  sigset_t all;
  sigfillset(&all);
  CHECK(sigprocmask(SIG_SETMASK, &all, NULL) == 0);
  CHECK(collatz_steps(27) == 111);
  check(SIGTRAP, 1, SIG_DFL);
  check(SIGSEGV, 1, SIG_DFL);
  return success();
}
