// Makes what a buffer of bts looks like, in its own memory; then works a little for each byte of standard input until its
// end, and exits with 7, or 8 if that memory was taken from it. Its first argument says what the buffer claims: "dead",
// that its owner was killed; "alive", that the thread with the id of the second argument owns it; "garbage", nothing that
// can be understood; "handed", that its owner was killed, but it is mapped as a process does that maps whatever memory
// another one passes to it.
#include "tracee.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>

#define PAGES 5
#define OWNER_DIED 0x40000000u

struct header {
  uint64_t magic;
  uint32_t version, format;
  uint64_t bytes;
  uint32_t owner, liveness;
  uint64_t owner_start, owner_namespace, created;
  char policy[40];
};

static void lost(int signal) {
  (void)signal;
  _exit(8);
}

int main(int argc, char **argv) {
  const char *claim = argc > 1 ? argv[1] : "dead";
  const int handed = strcmp(claim, "handed") == 0;
  const size_t bytes = PAGES * 4096;
  int file = memfd_create("bts:tracee", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  CHECK(file >= 0 && ftruncate(file, bytes) == 0);
  volatile struct header *header =
      mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | (handed ? 0 : MAP_LOCKED), file, 0);
  CHECK(header != MAP_FAILED);
  if (!handed) CHECK(madvise((void *)header, bytes, MADV_DONTFORK) == 0);
  close(file);
  header->version = 1;
  header->format = 1;
  header->bytes = bytes;
  header->owner = argc > 2 ? (uint32_t)atoi(argv[2]) : 1;
  header->liveness = strcmp(claim, "alive") == 0 ? header->owner : OWNER_DIED;
  strcpy((char *)header->policy, "tracee");
  header->magic = 0x0a1a667562535442;
  if (strcmp(claim, "garbage") == 0) memset((void *)header, 0x5a, bytes);
  if (handed) signal(SIGSEGV, lost);
  char byte;
  while (read(STDIN_FILENO, &byte, 1) == 1) {
    CHECK(collatz_steps(27) == 111);
    if (handed) CHECK(header->version == 1);
  }
  if (handed) CHECK(header->version == 1);
  return 7;
}
