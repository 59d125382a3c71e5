// A program that has the GS base for itself.
#include <sys/syscall.h>
#include <unistd.h>

static long cell = 5;

int main(void) {
  long sum = 0, value;
  syscall(SYS_arch_prctl, 0x1001, &cell);  // ARCH_SET_GS
  for (int i = 0; i < 50; i++) {
    __asm__ volatile("mov %%gs:0, %0" : "=r"(value));
    sum += value;
  }
  return sum != 250;
}
