// Code in a mapping that is replaced by another one at the same address.
#include <string.h>
#include <sys/mman.h>

int main(void) {
  int sum = 0;
  void *at = NULL;
  for (unsigned char i = 0; i < 10; i++) {
    unsigned char code[] = {0xb8, i, 0, 0, 0, 0xc3};  // mov eax, i; ret
    unsigned char *page = mmap(at, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | (at ? MAP_FIXED : 0), -1, 0);
    memcpy(page, code, sizeof code);
    mprotect(page, 4096, PROT_READ | PROT_EXEC);
    for (int call = 0; call < 5; call++) sum += ((int (*)(void))page)();
    at = page;
    if (i % 2) munmap(page, 4096);
  }
  return sum != 225;
}
