// Takes the lock off the memory that bts has locked in this process, or unmaps it, as its first argument says (munlock, the
// default, or munmap); then works, works until it is killed, executes itself, or kills itself, as the second says (work, the
// default, "until killed", exec or kill). Without such memory it only works.
#include "own_buffer.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "munlock";
  const char *then = argc > 2 ? argv[2] : "work";
  char *start;
  size_t bytes = find_buffer(&start);
  if (bytes > 0) CHECK((strcmp(how, "munmap") == 0 ? munmap(start, bytes) : munlock(start, bytes)) == 0);
  if (strcmp(then, "exec") == 0) execl("/proc/self/exe", "undo_lock", "munlock", (char *)NULL);
  if (strcmp(then, "kill") == 0) kill(getpid(), SIGKILL);
  while (strcmp(then, "until killed") == 0) collatz_steps(27);
  for (int i = 0; i < 20; i++) CHECK(collatz_steps(27) == 111);
  return success();
}
