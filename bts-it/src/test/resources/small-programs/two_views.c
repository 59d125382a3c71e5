// Code that is written through another mapping of the same memory.
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void) {
  int memory = memfd_create("code", 0);
  if (memory < 0 || ftruncate(memory, 4096) != 0) return 2;
  unsigned char *writable = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
  unsigned char *executable = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, memory, 0);
  int sum = 0;
  for (unsigned char i = 0; i < 20; i++) {
    unsigned char code[] = {0xb8, i, 0, 0, 0, 0xc3};  // mov eax, i; ret
    memcpy(writable, code, sizeof code);
    sum += ((int (*)(void))executable)();
  }
  return sum != 190;
}
