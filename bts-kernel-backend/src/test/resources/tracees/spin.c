// Computes until SIGTERM, in as many threads as its argument says (default 1), now and then with code that it has just
// written. Prints "ready" when all of them have made a round, and "terminated" at the end; SIGUSR1 makes it print "alive"
// and how far it came since the last time.
#include "tracee.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>

enum { PAGE = 4096, ROUNDS_PER_FUNCTION = 500 };

static atomic_ulong rounds;
static atomic_int running, ending;

static void *compute(void *argument) {
  unsigned char *code = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(code != MAP_FAILED);
  for (int round = 0; !atomic_load(&ending); round++) {
    CHECK(collatz_steps(27) == 111);
    if (round % ROUNDS_PER_FUNCTION == 0) write_function(code, round);
    CHECK(call_function(code) == round - round % ROUNDS_PER_FUNCTION);
    atomic_fetch_add(&rounds, 1);
    // Who asks at once shall hear of a round, however slowly it went.
    if (round == 0) atomic_fetch_add(&running, 1);
  }
  return argument;
}

int main(int argc, char **argv) {
  int threads = argc > 1 ? atoi(argv[1]) : 1;
  CHECK(threads >= 1 && threads <= 64);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGUSR1);
  CHECK(pthread_sigmask(SIG_BLOCK, &signals, NULL) == 0);
  pthread_t ids[64];
  for (int i = 0; i < threads; i++) CHECK(pthread_create(&ids[i], NULL, compute, NULL) == 0);
  while (atomic_load(&running) < threads) sched_yield();
  printf("ready\n");
  fflush(stdout);
  for (;;) {
    int signal;
    CHECK(sigwait(&signals, &signal) == 0);
    if (signal == SIGTERM) break;
    printf("alive %s\n", atomic_exchange(&rounds, 0) > 0 ? "and computing" : "but not computing");
    fflush(stdout);
  }
  atomic_store(&ending, 1);
  for (int i = 0; i < threads; i++) CHECK(pthread_join(ids[i], NULL) == 0);
  printf("terminated\n");
  return success();
}
