/* Holds memory on the pools of its user until it is killed: hold SEGMENT_PAGES RING_PAGES
 * Locks a System V segment, and maps a ring of perf with its header page; 0 pages are not asked for. Prints its process
 * id once it holds all, and goes on in the background. Prints what failed, and ends with status 1. */
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096L

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void hold_segment(long pages) {
  int id = shmget(IPC_PRIVATE, pages * PAGE, 0600);
  if (id < 0) fail("shmget");
  void *at = shmat(id, NULL, 0);
  shmctl(id, IPC_RMID, NULL);
  if (at == (void *)-1) fail("shmat");
  if (shmctl(id, SHM_LOCK, NULL)) fail("SHM_LOCK");
}

static void hold_ring(long pages) {
  struct perf_event_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.type = PERF_TYPE_SOFTWARE;
  attr.size = sizeof attr;
  attr.config = PERF_COUNT_SW_DUMMY;
  attr.exclude_kernel = 1;
  attr.exclude_hv = 1;
  int event = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0L);
  if (event < 0) fail("perf_event_open");
  if (mmap(NULL, (pages + 1) * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, event, 0) == MAP_FAILED) fail("mmap");
}

int main(int count, char **arguments) {
  int ready[2];
  if (count != 3 || pipe(ready)) fail("usage");
  pid_t holder = fork();
  if (holder == 0) {
    long segment = atol(arguments[1]), ring = atol(arguments[2]);
    if (segment) hold_segment(segment);
    if (ring) hold_ring(ring);
    if (write(ready[1], "", 1) != 1) fail("write");
    /* Who started this waits for the end of these. */
    close(STDIN_FILENO);
    close(STDOUT_FILENO);
    close(STDERR_FILENO);
    for (;;) pause();
  }
  close(ready[1]);
  char byte;
  if (read(ready[0], &byte, 1) != 1) return 1;
  printf("%d\n", holder);
  return 0;
}
