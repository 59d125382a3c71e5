// Hot loops of every kind of branch, whose paths are worth following: likely, unlikely and unpredictable conditions, calls,
// returns to several callers, indirect calls and jumps with one and with many targets, recursion, counted loops, and code
// that carries flags and registers across branches. Its arguments say how many rounds (default 1), and what is to disturb them:
// a "timer", or another thread that maps and unmaps code ("remaps").
#include "tracee.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/time.h>

static volatile sig_atomic_t ticks;

// The only function that signals interrupt the rest for.
void handler(int signal) {
  (void)signal;
  for (int i = 0; i < 3; i++) ticks++;
}

static uint64_t state = 88172645463325252u;

static uint32_t next_random(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 32);
}

static uint32_t add(uint32_t a) { return a + 7; }
static uint32_t twist(uint32_t a) { return (a << 5) ^ (a >> 3); }
static uint32_t branchy(uint32_t a) { return a % 3 == 0 ? a / 3 : a % 5 == 0 ? a / 5 : a + 1; }
static uint32_t fibonacci(uint32_t n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
static uint32_t deep(uint32_t a) { return fibonacci(a % 7) + a; }

static uint32_t (*const functions[])(uint32_t) = {add, add, add, twist, branchy, deep, add, twist};

// A small interpreter: an indirect jump with many targets.
static uint32_t interpret(const unsigned char *code, uint32_t a) {
  static const void *const labels[] = {&&increment, &&dbl, &&invert, &&skip, &&stop};
  goto *labels[*code++];
increment:
  a++;
  goto *labels[*code++];
dbl:
  a *= 2;
  goto *labels[*code++];
invert:
  a = ~a;
  goto *labels[*code++];
skip:
  code += a & 1;
  goto *labels[*code++];
stop:
  return a;
}

// Flags, rcx and rdx go through a call, a return, an indirect jump and a counted loop.
uint64_t keeps_flags(uint64_t a);
__asm__(
    "keeps_flags:\n"
    "  push %rbx\n"
    "  mov $5, %ecx\n"
    "  mov %rdi, %rax\n"
    "  lea 1f(%rip), %rbx\n"
    "0:\n"
    "  mov $0x1234, %edx\n"
    "  add %rdi, %rax\n"
    "  call flags_callee\n"
    "  adc $0, %rax\n"
    "  stc\n"
    "  jmp *%rbx\n"
    "1:\n"
    "  adc %rdx, %rax\n"
    "  loop 0b\n"
    "  jrcxz 2f\n"
    "  ud2\n"
    "2:\n"
    "  pop %rbx\n"
    "  ret\n"
    "flags_callee:\n"
    "  jc 3f\n"
    "  lea 1(%rdx), %rdx\n"
    "3:\n"
    "  ret\n");

static uint64_t expected_flags(uint64_t a) {
  uint64_t sum = a;
  for (int i = 0; i < 5; i++) {
    uint64_t before = sum;
    sum += a;
    int carry = sum < before;
    sum += carry;
    sum += 0x1234 + !carry + 1;
  }
  return sum;
}

// Whoever translates code has to look at it anew each time.
static void *remap(void *unused) {
  (void)unused;
  for (int i = 0; i < 40; i++) {
    void *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(code != MAP_FAILED);
    usleep(4000);
    CHECK(munmap(code, 4096) == 0);
  }
  return NULL;
}

static int compare(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 1;
  int timer = argc > 2 && strcmp(argv[2], "timer") == 0;
  int remaps = argc > 2 && strcmp(argv[2], "remaps") == 0;
  pthread_t remapper;
  if (remaps) CHECK(pthread_create(&remapper, NULL, remap, NULL) == 0);
  if (timer) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    struct itimerval often = {.it_interval = {.tv_usec = 300}, .it_value = {.tv_usec = 300}};
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
  }
  uint32_t sum = 0;
  for (int round = 0; round < rounds; round++) {
    uint32_t numbers[64];
    unsigned char code[32];
    for (int i = 0; i < 64; i++) numbers[i] = next_random();
    for (int i = 0; i < 30; i++) code[i] = next_random() % 4;
    code[30] = code[31] = 4;
    for (int i = 0; i < 64; i++) sum += functions[numbers[i] % 8](numbers[i]);
    sum ^= interpret(code, sum);
    for (int i = 0; i < 4; i++) {
      uint64_t big = (uint64_t)numbers[i] << 32 | sum;
      CHECK(keeps_flags(big) == expected_flags(big));
    }
    qsort(numbers, 64, sizeof *numbers, compare);
    for (int i = 1; i < 64; i++) CHECK(numbers[i - 1] <= numbers[i]);
  }
  if (remaps) CHECK(pthread_join(remapper, NULL) == 0);
  if (timer) {
    struct itimerval never = {0};
    CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
    CHECK(ticks % 3 == 0);
  }
  printf("%u\n", sum);
  return success();
}
