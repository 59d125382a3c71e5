// Waiting for signals: sigsuspend, sigtimedwait, sigwaitinfo and signalfd, each woken by a child.
#include "tracee.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>

static volatile sig_atomic_t handled;

static void count(int signal) {
  (void)signal;
  handled++;
}

// A child that sends the signal once the parent sleeps: the mask makes sure that none is missed before.
static void signal_from_child(int signal) {
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    CHECK(collatz_steps(27) == 111);
    _exit(kill(getppid(), signal) != 0);
  }
}

static void reap(void) {
  int status;
  CHECK(wait(&status) > 0 && status == 0);
}

int main(void) {
  sigset_t set, before;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  CHECK(sigprocmask(SIG_BLOCK, &set, &before) == 0);
  struct sigaction action = {.sa_handler = count};
  CHECK(sigaction(SIGUSR1, &action, NULL) == 0);

  signal_from_child(SIGUSR1);
  while (handled == 0) CHECK(sigsuspend(&before) == -1 && errno == EINTR);
  reap();
  printf("sigsuspend\n");

  signal_from_child(SIGUSR1);
  struct timespec long_enough = {60, 0};
  siginfo_t info;
  CHECK(sigtimedwait(&set, &info, &long_enough) == SIGUSR1);
  CHECK(info.si_code == SI_USER);
  reap();
  printf("sigtimedwait\n");

  struct timespec short_time = {0, 1000000};
  CHECK(sigtimedwait(&set, &info, &short_time) == -1 && errno == EAGAIN);

  signal_from_child(SIGUSR1);
  CHECK(sigwaitinfo(&set, &info) == SIGUSR1);
  reap();
  printf("sigwaitinfo\n");

  signal_from_child(SIGUSR1);
  int descriptor = signalfd(-1, &set, SFD_CLOEXEC);
  CHECK(descriptor >= 0);
  struct signalfd_siginfo read_info;
  CHECK(read(descriptor, &read_info, sizeof read_info) == sizeof read_info);
  CHECK(read_info.ssi_signo == SIGUSR1);
  CHECK(close(descriptor) == 0);
  reap();
  printf("signalfd\n");

  CHECK(handled == 1);
  return success();
}
