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

// Code that is written at run time. Memory to write it to is writable and executable at once.
typedef int (*function)(void);

enum { FUNCTION_BYTES = 9 };

// mov $value, %eax; jmp +1; int3; ret
static inline void write_function(unsigned char *where, int value) {
  static const unsigned char code[FUNCTION_BYTES] = {0xb8, 0, 0, 0, 0, 0xeb, 0x01, 0xcc, 0xc3};
  memcpy(where, code, sizeof code);
  memcpy(where + 1, &value, sizeof value);
}

static inline int call_function(void *code) { return ((function)code)(); }

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
