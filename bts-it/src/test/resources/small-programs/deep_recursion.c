// A stack of many frames, and the way back through them.

static int depth(int n) {
  volatile int here = n;
  return n == 0 ? 0 : depth(n - 1) + (here == n);
}

int main(void) { return depth(5000) != 5000; }
