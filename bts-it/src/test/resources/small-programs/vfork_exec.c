// A child in vfork that executes another program, and its end.
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  volatile int good = 0, i;
  for (i = 0; i < 3; i++) {
    int status = 1;
    pid_t child = vfork();
    if (child == 0) {
      execl("/bin/true", "true", (char *)0);
      _exit(1);
    }
    waitpid(child, &status, 0);
    good += status == 0;
  }
  return good != 3;
}
