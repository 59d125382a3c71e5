// A SIGALRM handler that runs while the program computes, and while it waits.
#include "tracee.h"

#include <signal.h>
#include <sys/time.h>

enum { ALARMS = 3, INTERVAL_MICROSECONDS = 20000 };

static volatile sig_atomic_t alarms;

static void on_alarm(int signal) {
  (void)signal;
  alarms++;
}

static void start_timer(void) {
  struct itimerval timer = {{0, INTERVAL_MICROSECONDS}, {0, INTERVAL_MICROSECONDS}};
  CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
}

static void stop_timer(void) {
  struct itimerval timer = {{0, 0}, {0, 0}};
  CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
}

int main(void) {
  struct sigaction action = {.sa_handler = on_alarm};
  CHECK(sigaction(SIGALRM, &action, NULL) == 0);
  start_timer();
  unsigned long sum = 0;
  while (alarms < ALARMS) sum += collatz_steps(27);
  stop_timer();
  CHECK(sum % 111 == 0);
  printf("computed through the alarms\n");

  alarms = 0;
  start_timer();
  while (alarms < ALARMS) pause();
  stop_timer();
  printf("waited for the alarms\n");
  return success();
}
