// Control flow that compilers make nothing of: coroutines by swapcontext, computed gotos, indirect and tail calls, returns that
// take arguments off the stack, and instructions addressed relative to themselves.
#include "tracee.h"

#include <ucontext.h>

static ucontext_t main_context, coroutine_context;
static char coroutine_stack[65536];
static int yielded;

static void coroutine(void) {
  for (int i = 1; i <= 5; i++) {
    yielded = i * i;
    CHECK(swapcontext(&coroutine_context, &main_context) == 0);
  }
}

static int interpret(const unsigned char *program) {
  static const void *operations[] = {&&add, &&twice, &&jump_if_small, &&end};
  int value = 0;
  const unsigned char *at = program;
  goto *operations[*at++];
add:
  value += *at++;
  goto *operations[*at++];
twice:
  value *= 2;
  goto *operations[*at++];
jump_if_small:
  at = value < *at ? program + at[1] : at + 2;
  goto *operations[*at++];
end:
  return value;
}

typedef int (*operation)(int);

static int increment(int value) {
  return value + 1;
}

static int negate(int value) {
  return -value;
}

static operation volatile table[] = {increment, negate};

__asm__(
    ".text\n"
    "sum_of_stack:\n"  // adds its two stack arguments and takes them off
    "  mov 8(%rsp), %rax\n"
    "  add 16(%rsp), %rax\n"
    "  ret $16\n"
    "through_memory:\n"  // a tail call through memory, relative to the instruction
    "  jmp *target_of_jump(%rip)\n"
    ".data\n"
    "target_of_jump: .quad increment_in_assembly\n"
    ".text\n"
    "increment_in_assembly:\n"
    "  lea 1(%rdi), %eax\n"
    "  repz ret\n");

static long sum_of_stack(long a, long b) {
  long sum;
  __asm__ volatile(
      "push %2\n"
      "push %1\n"
      "call sum_of_stack\n"
      : "=&a"(sum)
      : "r"(a), "r"(b)
      : "memory", "cc");
  return sum;
}

// A call through memory that is addressed by the stack pointer.
static int call_through_stack(operation target, int value) {
  int result;
  __asm__ volatile(
      "push %1\n"
      "call *(%%rsp)\n"
      "pop %%rcx\n"
      : "=a"(result)
      : "r"(target), "D"(value)
      : "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory", "cc");
  return result;
}

extern int through_memory(int value);

int main(void) {
  CHECK(getcontext(&coroutine_context) == 0);
  coroutine_context.uc_stack.ss_sp = coroutine_stack;
  coroutine_context.uc_stack.ss_size = sizeof coroutine_stack;
  coroutine_context.uc_link = &main_context;
  makecontext(&coroutine_context, coroutine, 0);
  int sum = 0;
  for (int i = 0; i < 5; i++) {
    CHECK(swapcontext(&main_context, &coroutine_context) == 0);
    sum += yielded;
  }
  CHECK(sum == 55);

  static const unsigned char program[] = {0, 3, 1, 2, 100, 0, 3};
  int value = interpret(program);
  for (int i = 0; i < 100; i++) value = table[i % 3 == 0](value);
  CHECK(sum_of_stack(40, 2) == 42);
  CHECK(through_memory(41) == 42);
  CHECK(call_through_stack(increment, 7) == 8);
  printf("%d\n", value);
  return success();
}
