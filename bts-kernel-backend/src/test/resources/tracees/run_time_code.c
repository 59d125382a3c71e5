// Code that is written at run time: in memory that is writable and executable at once, in memory that alternates, in one
// memory mapped twice, and code that changes an instruction right in front of itself.
#include "tracee.h"

#include <sys/mman.h>

enum { PAGE = 4096 };

static void writable_and_executable(void) {
  unsigned char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(page != MAP_FAILED);
  for (int i = 0; i < 50; i++) {
    write_function(page, i);
    CHECK(call_function(page) == i);
  }
  write_function(page + PAGE / 2, 1000);  // the branch in the middle turns into none
  page[PAGE / 2 + 5] = 0x90;
  page[PAGE / 2 + 6] = 0x90;
  page[PAGE / 2 + 7] = 0x90;
  CHECK(call_function(page + PAGE / 2) == 1000);
  CHECK(munmap(page, PAGE) == 0);
}

static void alternating(void) {
  unsigned char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(page != MAP_FAILED);
  for (int i = 0; i < 10; i++) {
    CHECK(mprotect(page, PAGE, PROT_READ | PROT_WRITE) == 0);
    write_function(page, i);
    CHECK(mprotect(page, PAGE, PROT_READ | PROT_EXEC) == 0);
    CHECK(call_function(page) == i);
  }
  CHECK(munmap(page, PAGE) == 0);
}

static void mapped_twice(void) {
  int memory = memfd_create("run_time_code", MFD_CLOEXEC);
  CHECK(memory >= 0 && ftruncate(memory, PAGE) == 0);
  unsigned char *writable = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
  unsigned char *executable = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, memory, 0);
  CHECK(writable != MAP_FAILED && executable != MAP_FAILED);
  for (int i = 0; i < 10; i++) {
    write_function(writable, i);
    CHECK(call_function(executable) == i);
  }
  CHECK(munmap(writable, PAGE) == 0 && munmap(executable, PAGE) == 0 && close(memory) == 0);
}

static void changing_itself(void) {
  // movb $value, 1(%rip) changes the operand of the mov that follows.
  static const unsigned char code[] = {
      0xc6, 0x05, 0x01, 0x00, 0x00, 0x00, 0x2a,  // movb $42, 1(%rip)
      0xb8, 0x00, 0x00, 0x00, 0x00,              // mov $0, %eax
      0xc3,                                      // ret
  };
  unsigned char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(page != MAP_FAILED);
  memcpy(page, code, sizeof code);
  CHECK(call_function(page) == 42);
  CHECK(munmap(page, PAGE) == 0);
}

int main(void) {
  writable_and_executable();
  alternating();
  mapped_twice();
  changing_itself();
  printf("run-time code\n");
  return success();
}
