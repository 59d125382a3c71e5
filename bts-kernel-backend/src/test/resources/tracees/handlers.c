// Signal handlers: nested, masked, not deferred, one-shot, on an alternate stack, and with queued values.
#include "tracee.h"

#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>

static char trail[256];
static char alternate[65536];
static int depth;

static void note(const char *text) {
  strcat(trail, text);
}

static void inner(int signal) {
  (void)signal;
  note("[inner]");
}

static void outer(int signal) {
  (void)signal;
  note("(outer ");
  raise(SIGUSR2);
  note(")");
}

static void masking(int signal) {
  (void)signal;
  note("(masking ");
  raise(SIGUSR2);  // held back until this handler returns
  note(")");
}

static void again(int signal) {
  note("<");
  if (++depth < 3) raise(signal);
  note(">");
}

static void on_alternate_stack(int signal, siginfo_t *info, void *context) {
  (void)signal;
  (void)context;
  char here;
  CHECK(&here >= alternate && &here < alternate + sizeof alternate);
  char value[32];
  snprintf(value, sizeof value, "{%d}", info->si_value.sival_int);
  note(value);
}

static void install(int signal, struct sigaction action) {
  CHECK(sigaction(signal, &action, NULL) == 0);
}

int main(void) {
  install(SIGUSR2, (struct sigaction){.sa_handler = inner});
  install(SIGUSR1, (struct sigaction){.sa_handler = outer});
  raise(SIGUSR1);

  struct sigaction masked = {.sa_handler = masking};
  sigaddset(&masked.sa_mask, SIGUSR2);
  install(SIGUSR1, masked);
  kill(getpid(), SIGUSR1);

  install(SIGHUP, (struct sigaction){.sa_handler = again, .sa_flags = SA_NODEFER});
  syscall(SYS_tgkill, getpid(), getpid(), SIGHUP);

  install(SIGINT, (struct sigaction){.sa_handler = inner, .sa_flags = SA_RESETHAND});
  raise(SIGINT);
  struct sigaction now;
  sigaction(SIGINT, NULL, &now);
  CHECK(now.sa_handler == SIG_DFL);

  stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
  CHECK(sigaltstack(&stack, NULL) == 0);
  install(SIGRTMIN, (struct sigaction){.sa_sigaction = on_alternate_stack, .sa_flags = SA_ONSTACK | SA_SIGINFO});
  sigset_t queued;
  sigemptyset(&queued);
  sigaddset(&queued, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &queued, NULL);
  for (int i = 1; i <= 3; i++) CHECK(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i}) == 0);
  sigprocmask(SIG_UNBLOCK, &queued, NULL);

  install(SIGCHLD, (struct sigaction){.sa_handler = SIG_IGN});
  raise(SIGCHLD);
  raise(SIGWINCH);  // ignored by default
  raise(SIGCONT);   // has no effect on what runs

  printf("%s\n", trail);
  return success();
}
