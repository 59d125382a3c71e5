// Prints the processors that the program may use, as every interface tells it, before and after changing them.
#include "tracee.h"

#include <pthread.h>
#include <sched.h>

static void print_allowed(const char *who) {
  cpu_set_t set;
  CHECK(sched_getaffinity(0, sizeof set, &set) == 0);
  printf("%s:", who);
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (CPU_ISSET(cpu, &set)) printf(" %d", cpu);
  }
  cpu_set_t by_thread;
  CHECK(pthread_getaffinity_np(pthread_self(), sizeof by_thread, &by_thread) == 0);
  CHECK(CPU_EQUAL(&set, &by_thread));
  printf(" of %ld\n", sysconf(_SC_NPROCESSORS_ONLN));
}

static void *in_thread(void *argument) {
  print_allowed(argument);
  return NULL;
}

static void run_thread(char *name) {
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, in_thread, name) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
}

int main(void) {
  cpu_set_t all;
  CHECK(sched_getaffinity(0, sizeof all, &all) == 0);
  print_allowed("at start");
  run_thread("thread");

  int last = -1;
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (CPU_ISSET(cpu, &all)) last = cpu;
  }
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(last, &one);
  CHECK(sched_setaffinity(0, sizeof one, &one) == 0);
  print_allowed("one");
  run_thread("thread with one");
  CHECK(sched_setaffinity(0, sizeof all, &all) == 0);
  print_allowed("at end");
  return success();
}
