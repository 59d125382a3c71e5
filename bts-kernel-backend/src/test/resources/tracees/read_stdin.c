// Reads standard input to its end and prints how many bytes and lines it had, and a checksum.
#include "tracee.h"

int main(void) {
  char buffer[1000];
  unsigned long bytes = 0, lines = 0;
  unsigned checksum = 0;
  ssize_t length;
  while ((length = read(STDIN_FILENO, buffer, sizeof buffer)) != 0) {
    CHECK(length > 0);
    for (ssize_t i = 0; i < length; i++) {
      bytes++;
      if (buffer[i] == '\n') lines++;
      checksum = checksum * 31 + (unsigned char)buffer[i];
    }
  }
  printf("%lu bytes, %lu lines, checksum %08x\n", bytes, lines, checksum);
  return success();
}
