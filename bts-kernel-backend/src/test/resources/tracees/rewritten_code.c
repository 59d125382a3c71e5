// Code that is executed, rewritten and executed again, by everybody who can write: another thread while it runs, the
// kernel for a system call, a forked child, and whoever has its stack on the same page.
#include "tracee.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { PAGE = 4096, STACK_BYTES = 16 * PAGE, REWRITES = 200 };

static unsigned char *page;
static atomic_int seen;
static volatile sig_atomic_t signals;

// The operand is aligned, so that another thread reads the one value or the other.
static unsigned char *aligned(void) { return page + 3; }

static void *execute(void *unused) {
  (void)unused;
  int value;
  do {
    value = call_function(aligned());
    atomic_store(&seen, value);
    sched_yield();
  } while (value != REWRITES);
  return NULL;
}

static void by_another_thread(void) {
  write_function(aligned(), 0);
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, execute, NULL) == 0);
  for (int i = 1; i <= REWRITES; i++) {
    __atomic_store_n((int *)(aligned() + 1), i, __ATOMIC_SEQ_CST);
    while (atomic_load(&seen) != i) sched_yield();
  }
  CHECK(pthread_join(thread, NULL) == 0);
}

static void by_the_kernel(void) {
  int pipe_ends[2];
  CHECK(pipe(pipe_ends) == 0);
  for (int i = 0; i < 20; i++) {
    unsigned char code[FUNCTION_BYTES];
    write_function(code, i);
    CHECK(write(pipe_ends[1], code, sizeof code) == sizeof code);
    CHECK(read(pipe_ends[0], page, sizeof code) == sizeof code);
    CHECK(call_function(page) == i);
  }
  CHECK(write(pipe_ends[1], "", 1) == 1);
  void *volatile nowhere = NULL;
  CHECK(read(pipe_ends[0], nowhere, 1) == -1 && errno == EFAULT);
  CHECK(close(pipe_ends[0]) == 0 && close(pipe_ends[1]) == 0);
}

static void while_it_cannot_be_executed(void) {
  for (int i = 0; i < 20; i++) {
    CHECK(mprotect(page, PAGE, PROT_READ | PROT_WRITE) == 0);
    write_function(page, i);
    CHECK(mprotect(page, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC) == 0);
    CHECK(call_function(page) == i);
  }
}

static void by_a_child(void) {
  write_function(page, 1);
  CHECK(call_function(page) == 1);
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    CHECK(call_function(page) == 1);
    write_function(page, 2);
    _exit(call_function(page));
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 2);
  CHECK(call_function(page) == 1);
}

static void count(int signal) {
  (void)signal;
  signals++;
}

static void *execute_on_stack(void *unused) {
  (void)unused;
  for (int i = 0; i < 20; i++) {
    unsigned char code[FUNCTION_BYTES];
    write_function(code, i);
    CHECK(call_function(code) == i);
    CHECK(raise(SIGUSR1) == 0);
    CHECK(call_function(code) == i);
  }
  return NULL;
}

static void on_the_stack(void) {
  CHECK(signal(SIGUSR1, count) != SIG_ERR);
  void *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(stack != MAP_FAILED);
  pthread_attr_t attributes;
  CHECK(pthread_attr_init(&attributes) == 0 && pthread_attr_setstack(&attributes, stack, STACK_BYTES) == 0);
  pthread_t thread;
  CHECK(pthread_create(&thread, &attributes, execute_on_stack, NULL) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
  CHECK(signals == 20);
}

int main(void) {
  page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(page != MAP_FAILED);
  by_the_kernel();
  while_it_cannot_be_executed();
  by_a_child();
  on_the_stack();
  by_another_thread();
  printf("rewritten code\n");
  return success();
}
