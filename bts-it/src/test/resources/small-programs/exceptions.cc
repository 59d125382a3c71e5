// Thrown through frames with destructors, caught by type, thrown again.
#include <stdexcept>
#include <string>

static int destroyed;

struct Counted {
  ~Counted() { destroyed++; }
};

static void deep(int n) {
  Counted here;
  if (n == 0) throw std::runtime_error("bottom");
  deep(n - 1);
}

static int again(int n) {
  try {
    deep(n);
  } catch (const std::logic_error &) {
    return -1;
  } catch (...) {
    try {
      throw;
    } catch (const std::exception &caught) {
      return static_cast<int>(std::string(caught.what()).size());
    }
  }
  return -2;
}

int main() {
  int sum = 0;
  for (int i = 0; i < 3; i++) sum += again(i * 4);
  return sum != 18 || destroyed != 15;
}
