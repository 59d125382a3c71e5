// Backtracking.

static int place(int row, unsigned columns, unsigned left, unsigned right) {
  if (row == 6) return 1;
  int found = 0;
  for (unsigned free = ~(columns | left | right) & 63; free != 0; free &= free - 1) {
    unsigned bit = free & -free;
    found += place(row + 1, columns | bit, (left | bit) << 1, (right | bit) >> 1);
  }
  return found;
}

int main(void) { return place(0, 0, 0, 0) != 4; }
