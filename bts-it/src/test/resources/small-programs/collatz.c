// Short loops of unforeseeable length.

int main(void) {
  int longest = 0, best = 0;
  for (int start = 1; start < 120; start++) {
    int steps = 0;
    for (long n = start; n != 1; n = n % 2 ? 3 * n + 1 : n / 2) steps++;
    if (steps > longest) longest = steps, best = start;
  }
  return best != 97 || longest != 118;
}
