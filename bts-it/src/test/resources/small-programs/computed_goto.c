// An interpreter that jumps from each instruction to the next through a table of labels.

int main(void) {
  static const unsigned char code[] = {0, 1, 2, 0, 3, 1, 4};
  static const void *const labels[] = {&&add, &&twice, &&less, &&swap, &&loop};
  long a = 1, b = 2, rounds = 0;
  const unsigned char *at = code;
#define NEXT goto *labels[*at++]
  NEXT;
add:
  a += b;
  NEXT;
twice:
  b = b * 2 % 1009;
  NEXT;
less:
  a = a > 1000 ? a - 1000 : a;
  NEXT;
swap : {
  long c = a;
  a = b, b = c;
  NEXT;
}
loop:
  if (++rounds == 300) return a != 271 || b != 28;
  at = code;
  NEXT;
}
