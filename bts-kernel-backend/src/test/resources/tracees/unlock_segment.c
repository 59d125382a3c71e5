// Takes the lock off all System V segments that its tracer's process has made; then works.
#include "tracee.h"

#include <sys/shm.h>

static long status_field(const char *path, const char *name) {
  FILE *file = fopen(path, "r");
  CHECK(file != NULL);
  char line[256];
  long value = -1;
  while (value < 0 && fgets(line, sizeof line, file) != NULL)
    if (strncmp(line, name, strlen(name)) == 0) value = strtol(line + strlen(name), NULL, 10);
  fclose(file);
  return value;
}

int main(void) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%ld/status", status_field("/proc/self/status", "TracerPid:"));
  // That was the thread; natively there is no thread 0, and nothing to do.
  long tracer = access(path, R_OK) == 0 ? status_field(path, "Tgid:") : 0;
  FILE *segments = fopen("/proc/sysvipc/shm", "r");
  CHECK(segments != NULL);
  char line[512];
  while (fgets(line, sizeof line, segments) != NULL) {
    char *field = line;
    strtol(field, &field, 10);  // key; the heading is read as zeros
    long id = strtol(field, &field, 10);
    strtol(field, &field, 10);   // permissions
    strtoul(field, &field, 10);  // size
    if (tracer > 0 && strtol(field, NULL, 10) == tracer) CHECK(shmctl((int)id, SHM_UNLOCK, NULL) == 0);
  }
  fclose(segments);
  for (int i = 0; i < 20; i++) CHECK(collatz_steps(27) == 111);
  return success();
}
