// Two stacks that take turns, by a switch of their own: returns to where nobody has called from.
#include <stdint.h>

static void *stacks[2];
static uint64_t memory[2][4096];
static volatile int turns;

void switch_stacks(void **from, void *to);
__asm__(
    "switch_stacks:\n"
    "  push %rbx\n  push %rbp\n  push %r12\n  push %r13\n  push %r14\n  push %r15\n"
    "  mov %rsp, (%rdi)\n"
    "  mov %rsi, %rsp\n"
    "  pop %r15\n  pop %r14\n  pop %r13\n  pop %r12\n  pop %rbp\n  pop %rbx\n"
    "  ret\n");

static void other(void) {
  while (1) {
    turns++;
    switch_stacks(&stacks[1], stacks[0]);
  }
}

int main(void) {
  uint64_t *top = &memory[1][4096 - 1];
  *--top = 0;
  *--top = (uint64_t)other;
  top -= 6;
  stacks[1] = top;
  for (int i = 0; i < 100; i++) switch_stacks(&stacks[0], stacks[1]);
  return turns != 100;
}
