// Does something to the memory that bts has put into it, or against whoever traces it, as its first argument says; then
// works, and exits with 0. Without such memory it only works.
//   scribble  fills all of it that it may write with garbage, again and again; that may be its own end
//   replace   puts memory of its own in its place, and looks at its end whether that is untouched
//   move      moves it to another address
//   split     takes the middle page of it away
//   cut       tries to cut its file short
//   hide      makes itself not dumpable, so that ordinary users may not look at it any more
//   fork      forks children that fork children: 3 generations of 4
//   trace     tries to trace its own child
#include "own_buffer.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#define PAGE 4096ul

static void work(void) {
  for (int i = 0; i < 20; i++) CHECK(collatz_steps(27) == 111);
}

static void scribble(void) {
  for (int round = 0; round < 20; round++) {
    for (char *line = maps; line != NULL && *line != 0; line = strchr(line, '\n'), line += line != NULL) {
      char *stop = strchr(line, '\n');
      char *name = strstr(line, "/memfd:bts:");
      char *rights = strchr(line, ' ');
      if (name == NULL || rights == NULL || stop == NULL || name > stop || strncmp(rights, " rw", 3) != 0) continue;
      char *end;
      char *from = (char *)strtoul(line, &end, 16);
      size_t bytes = strtoul(end + 1, NULL, 16) - (unsigned long)from;
      // Whatever is taken for an address afterwards is none that anything can be at.
      for (size_t at = 0; at < bytes; at += 8) *(long *)(from + at) = 0x5a5a5a5a5a5a5a5a + round * 0x0101010101010101;
    }
    CHECK(collatz_steps(27) == 111);
  }
}

static void replace(char *buffer, size_t bytes) {
  char *mine = mmap(buffer, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  CHECK(mine == buffer);
  memset(mine, 'm', bytes);
  work();
  for (size_t at = 0; at < bytes; at += 64) CHECK(mine[at] == 'm');
}

static void cut(char *buffer, size_t bytes) {
  char path[100];
  snprintf(path, sizeof path, "/proc/self/map_files/%lx-%lx", (long)buffer, (long)(buffer + bytes));
  int file = open(path, O_RDWR);
  if (file < 0) return; // It may not.
  CHECK(ftruncate(file, 0) != 0);
  CHECK(ftruncate(file, (off_t)bytes * 2) != 0);
  close(file);
}

static void fork_on(int generations) {
  for (int i = 0; i < 4 && generations > 0; i++) {
    pid_t child = fork();
    if (child == 0) {
      fork_on(generations - 1);
      _exit(0);
    }
  }
  while (wait(NULL) > 0) {
  }
}

static void trace(void) {
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    for (;;) pause();
  }
  long seized = ptrace(PTRACE_SEIZE, child, NULL, NULL);
  CHECK(seized == 0 || errno == EPERM);
  if (seized == 0) CHECK(ptrace(PTRACE_INTERRUPT, child, NULL, NULL) == 0);
  kill(child, SIGKILL);
  int status;
  do CHECK(waitpid(child, &status, __WALL) == child);
  while (WIFSTOPPED(status));
  CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "work";
  char *buffer = NULL;
  size_t bytes = find_buffer(&buffer);
  if (strcmp(how, "fork") == 0) fork_on(3);
  if (strcmp(how, "trace") == 0) trace();
  if (strcmp(how, "hide") == 0) CHECK(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
  if (bytes > 0) {
    if (strcmp(how, "scribble") == 0) scribble();
    if (strcmp(how, "replace") == 0) replace(buffer, bytes);
    if (strcmp(how, "move") == 0) {
      char *elsewhere = mremap(buffer, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, 0x10000000);
      CHECK(elsewhere == (char *)0x10000000);
    }
    if (strcmp(how, "split") == 0) CHECK(munmap(buffer + PAGE, PAGE) == 0);
    if (strcmp(how, "cut") == 0) cut(buffer, bytes);
  }
  work();
  return success();
}
