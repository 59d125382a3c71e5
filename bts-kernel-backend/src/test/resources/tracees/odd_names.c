// Has a name and maps a file whose names hold a carriage return and what looks like other lines of /proc. Waits for the end
// of its input, and exits with 7.
#include "tracee.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#define FORGED_MAPPING "7f0000000000-7f0000005000 rw-s 00000000 00:01 99                     "

int main(void) {
  CHECK(prctl(PR_SET_NAME, "x\rUid:\t4321\t", 0, 0, 0) == 0);
  int file = memfd_create("y\r" FORGED_MAPPING "z", MFD_CLOEXEC);
  CHECK(file >= 0 && ftruncate(file, 4096) == 0);
  CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0) != MAP_FAILED);
  CHECK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, file, 0) != MAP_FAILED);
  char byte;
  while (read(STDIN_FILENO, &byte, 1) == 1) CHECK(collatz_steps(27) == 111);
  return 7;
}
