// Objects of several classes in one array.

struct Shape {
  virtual int area(int n) const = 0;
};
struct Square : Shape {
  int area(int n) const override { return n * n; }
};
struct Line : Shape {
  int area(int) const override { return 0; }
};
struct Half : Square {
  int area(int n) const override { return Square::area(n) / 2; }
};

int main() {
  Square square;
  Line line;
  Half half;
  const Shape *shapes[] = {&square, &line, &half, &square, &half};
  int sum = 0;
  for (int i = 0; i < 300; i++) sum += shapes[i * 7 % 5]->area(i % 11);
  return sum != 6270;
}
