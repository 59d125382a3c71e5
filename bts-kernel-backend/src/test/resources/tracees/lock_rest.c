// Locks all that its RLIMIT_MEMLOCK has left, and works; with an argument, until it is killed.
#include "tracee.h"

#include <sys/mman.h>
#include <sys/resource.h>

static long locked_bytes(void) {
  FILE *file = fopen("/proc/self/status", "r");
  CHECK(file != NULL);
  char line[256];
  long kilobytes = -1;
  while (kilobytes < 0 && fgets(line, sizeof line, file) != NULL)
    if (strncmp(line, "VmLck:", 6) == 0) kilobytes = strtol(line + 6, NULL, 10);
  fclose(file);
  return kilobytes * 1024;
}

int main(int argc, char **argv) {
  (void)argv;
  struct rlimit limit;
  CHECK(getrlimit(RLIMIT_MEMLOCK, &limit) == 0);
  size_t rest = limit.rlim_cur > 1 << 30 ? 4096 : limit.rlim_cur - (size_t)locked_bytes();
  void *memory = mmap(NULL, rest, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(memory != MAP_FAILED && mlock(memory, rest) == 0);
  do CHECK(collatz_steps(27) == 111);
  while (argc > 1);
  return success();
}
