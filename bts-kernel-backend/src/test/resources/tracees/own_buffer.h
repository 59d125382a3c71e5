// The memory that bts has put into a tracee, as the tracee finds it.
#pragma once

#include "tracee.h"

#include <fcntl.h>

static char maps[1 << 16];

// Returns the length of the mapping and where it starts, 0 if there is none. Afterwards maps is /proc/self/maps.
static size_t find_buffer(char **start) {
  int file = open("/proc/self/maps", O_RDONLY);
  CHECK(file >= 0);
  size_t length = 0;
  for (ssize_t got; (got = read(file, maps + length, sizeof maps - 1 - length)) > 0;) length += (size_t)got;
  close(file);
  char *name = strstr(maps, "/memfd:bts:tracee");
  if (name == NULL) return 0;
  while (name > maps && name[-1] != '\n') name--;
  char *end;
  unsigned long from = strtoul(name, &end, 16);
  *start = (char *)from;
  return strtoul(end + 1, NULL, 16) - from;
}
