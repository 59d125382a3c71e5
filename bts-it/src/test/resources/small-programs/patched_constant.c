// Code that changes itself between two calls, in memory that stays writable.
#include <string.h>
#include <sys/mman.h>

int main(void) {
  unsigned char code[] = {0x83, 0xff, 0, 0x74, 2, 0xff, 0xc7, 0x89, 0xf8, 0xc3};  // cmp edi, 0; je +2; inc edi; mov eax, edi; ret
  unsigned char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memcpy(page, code, sizeof code);
  int sum = 0;
  for (int i = 0; i < 60; i++) {
    page[2] = (unsigned char)(i / 2);
    sum += ((int (*)(int))page)(i % 30);
  }
  return sum != 928;
}
