// Prints what a program can see of the surroundings it was started in: environment, descriptors, limits, signals, session
// and the like. The same line by line, whoever started it.
#include "tracee.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

extern char **environ;

static int compare(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static void print_environment(void) {
  size_t count = 0;
  while (environ[count] != NULL) count++;
  qsort(environ, count, sizeof *environ, compare);
  for (size_t i = 0; i < count; i++) printf("environment %s\n", environ[i]);
}

static void print_descriptors(void) {
  for (int descriptor = 0; descriptor < 1024; descriptor++) {
    int flags = fcntl(descriptor, F_GETFL);
    if (flags >= 0) printf("descriptor %d flags %x %x\n", descriptor, flags, fcntl(descriptor, F_GETFD));
  }
}

static void print_limits(void) {
  for (int resource = 0; resource < RLIMIT_NLIMITS; resource++) {
    struct rlimit limit;
    CHECK(getrlimit(resource, &limit) == 0);
    printf("limit %d %llu %llu\n", resource, (unsigned long long)limit.rlim_cur, (unsigned long long)limit.rlim_max);
  }
}

static void print_signals(void) {
  sigset_t blocked;
  CHECK(sigprocmask(SIG_SETMASK, NULL, &blocked) == 0);
  for (int signal = 1; signal <= SIGRTMAX; signal++) {
    struct sigaction action;
    if (sigismember(&blocked, signal) == 1) printf("signal %d blocked\n", signal);
    if (sigaction(signal, NULL, &action) == 0 && action.sa_handler != SIG_DFL) {
      printf("signal %d %s\n", signal, action.sa_handler == SIG_IGN ? "ignored" : "handled");
    }
  }
}

static void print_file(const char *path) {
  char line[256];
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    printf("%s: %s\n", path, strerror(errno));
    return;
  }
  while (fgets(line, sizeof line, file) != NULL) printf("%s: %s", path, line);
  fclose(file);
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) printf("argument '%s'\n", argv[i]);
  print_environment();
  print_descriptors();
  print_limits();
  print_signals();
  print_file("/proc/self/comm");
  print_file("/proc/self/oom_score_adj");
  print_file("/proc/self/coredump_filter");
  char directory[4096];
  CHECK(getcwd(directory, sizeof directory) != NULL);
  printf("directory %s\n", directory);
  mode_t mask = umask(0);
  printf("umask %o\n", mask);
  printf("nice %d policy %d\n", getpriority(PRIO_PROCESS, 0), sched_getscheduler(0));
  printf("personality %x\n", personality(0xffffffff));
  printf("dumpable %d no_new_privs %d timer slack %d parent death signal", prctl(PR_GET_DUMPABLE),
         prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), prctl(PR_GET_TIMERSLACK));
  int death_signal;
  CHECK(prctl(PR_GET_PDEATHSIG, &death_signal) == 0);
  printf(" %d\n", death_signal);
  printf("session leader %d group leader %d\n", getsid(0) == getpid(), getpgrp() == getpid());
  printf("uid %d %d gid %d %d\n", getuid(), geteuid(), getgid(), getegid());
  return success();
}
