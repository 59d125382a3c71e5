// What every tracee shares. A tracee checks itself, prints the same output on every run, and ends with EXIT-SUCCESS.
#ifndef TRACEE_H
#define TRACEE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHECK(condition)                                                                         \
  do {                                                                                           \
    if (!(condition)) {                                                                          \
      printf("FAILED %s:%d: %s (errno %d)\n", __FILE__, __LINE__, #condition, errno);            \
      fflush(stdout);                                                                            \
      _exit(1);                                                                                  \
    }                                                                                            \
  } while (0)

static inline int success(void) {
  printf("EXIT-SUCCESS\n");
  fflush(stdout);
  return 0;
}

// Work that takes branches, so that a tracer has something to record at a place of interest.
static inline unsigned collatz_steps(unsigned long n) {
  unsigned steps = 0;
  while (n != 1) {
    n = n % 2 == 0 ? n / 2 : 3 * n + 1;
    steps++;
  }
  return steps;
}

#endif
