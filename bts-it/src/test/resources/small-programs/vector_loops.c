// Loops that the compiler writes with vectors, and their remainders.

int main(void) {
  static float a[203], b[203];
  float sum = 0;
  for (int i = 0; i < 203; i++) a[i] = (float)i, b[i] = (float)(203 - i);
  for (int round = 1; round < 20; round++) {
    for (int i = 0; i < 203 - round; i++) a[i] += b[i + round] * 0.5f;
  }
  for (int i = 0; i < 203; i++) sum += a[i];
  return sum != 198495.0f;
}
