// A SIGSEGV handler that makes the page accessible and lets the instruction run again.
#include "tracee.h"

#include <signal.h>
#include <sys/mman.h>

enum { PAGE = 4096, PAGES = 8 };

static char *memory;
static volatile sig_atomic_t faults;

static void repair(int signal, siginfo_t *info, void *context) {
  (void)context;
  CHECK(signal == SIGSEGV && info->si_code == SEGV_ACCERR);
  char *address = info->si_addr;
  CHECK(address >= memory && address < memory + PAGE * PAGES);
  faults++;
  CHECK(mprotect(memory + (address - memory) / PAGE * PAGE, PAGE, PROT_READ | PROT_WRITE) == 0);
}

int main(void) {
  memory = mmap(NULL, PAGE * PAGES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(memory != MAP_FAILED);
  struct sigaction action = {.sa_sigaction = repair, .sa_flags = SA_SIGINFO};
  CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
  for (int i = 0; i < PAGE * PAGES; i += PAGE / 2) memory[i] = (char)(i / PAGE);
  CHECK(faults == PAGES);
  memset(memory, 1, PAGE * PAGES);
  CHECK(faults == PAGES);
  printf("%d faults repaired\n", (int)faults);
  return success();
}
