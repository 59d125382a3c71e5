// Functions that end by jumping to another one.

static int odd(int n);
__attribute__((noinline)) static int even(int n) { return n == 0 ? 1 : odd(n - 1); }
__attribute__((noinline)) static int odd(int n) { return n == 0 ? 0 : even(n - 1); }

int main(void) {
  int sum = 0;
  for (int i = 0; i < 40; i++) sum += even(i);
  return sum != 20;
}
