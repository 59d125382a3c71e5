// The library's own large functions.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
  char text[64];
  double sum = 0;
  for (int i = 1; i < 12; i++) {
    snprintf(text, sizeof text, "%d.%03x", i, i * i);
    sum += strtod(text, NULL) + (double)strtol(text, NULL, 10);
  }
  snprintf(text, sizeof text, "%.6f %e", sum, sum);
  return strcmp(text, "132.332000 1.323320e+02") != 0;
}
