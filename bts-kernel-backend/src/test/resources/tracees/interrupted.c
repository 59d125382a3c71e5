// System calls that a signal interrupts: ended with EINTR or restarted, as the handler's flags say, and sleeping on for
// the time that was left.
#include "tracee.h"

#include <signal.h>
#include <sys/time.h>
#include <time.h>

static volatile sig_atomic_t handled;
static int pipe_ends[2];

static void count(int signal) {
  (void)signal;
  handled++;
}

static void count_and_write(int signal) {
  (void)signal;
  handled++;
  CHECK(write(pipe_ends[1], "x", 1) == 1);
}

// Again and again: the first one may come before the call that is to be interrupted, when the program is stepped.
static void set_alarms(int microseconds) {
  struct itimerval timer = {{0, microseconds}, {0, microseconds}};
  CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
}

static void handle_alarms(void (*handler)(int), int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  CHECK(sigaction(SIGALRM, &action, NULL) == 0);
  handled = 0;
  set_alarms(100000);
}

int main(void) {
  char byte;
  CHECK(pipe(pipe_ends) == 0);

  handle_alarms(count, 0);
  CHECK(read(pipe_ends[0], &byte, 1) == -1 && errno == EINTR && handled >= 1);
  printf("read interrupted\n");

  handle_alarms(count_and_write, SA_RESTART);
  CHECK(read(pipe_ends[0], &byte, 1) == 1 && byte == 'x' && handled >= 1);
  printf("read restarted\n");

  handle_alarms(count, SA_RESTART);  // nanosleep is never restarted behind a handler
  struct timespec time = {60, 0}, left = {0, 0};
  CHECK(nanosleep(&time, &left) == -1 && errno == EINTR && handled >= 1);
  CHECK(left.tv_sec >= 1 && left.tv_sec <= 60);
  printf("nanosleep interrupted\n");

  signal(SIGALRM, SIG_IGN);  // an ignored signal wakes nobody
  set_alarms(5000);
  time = (struct timespec){0, 50000000};
  CHECK(nanosleep(&time, &left) == 0);
  set_alarms(0);
  printf("nanosleep undisturbed\n");
  return success();
}
