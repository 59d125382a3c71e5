// Tables that decide where to go.
#include <regex.h>
#include <stddef.h>

int main(void) {
  static const char *const lines[] = {"abc12", "x", "abbbbc7", "12abc", ""};
  regex_t expression;
  int matches = 0;
  if (regcomp(&expression, "^ab*c[0-9]+$", REG_EXTENDED | REG_NOSUB) != 0) return 2;
  for (int i = 0; i < 5; i++) matches += regexec(&expression, lines[i], 0, NULL, 0) == 0;
  regfree(&expression);
  return matches != 2;
}
