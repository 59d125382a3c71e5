// A state machine by a dense switch.

int main(void) {
  int state = 0, counts[8] = {0};
  unsigned seed = 3;
  for (int i = 0; i < 500; i++) {
    seed = seed * 1103515245 + 12345;
    counts[state]++;
    switch (state) {
      case 0: state = 1 + (seed >> 30); break;
      case 1: state = seed >> 31 ? 5 : 2; break;
      case 2: state = 7; break;
      case 3: state = (int)(seed >> 29); break;
      case 4: state = 0; break;
      case 5: state = 6; break;
      case 6: state = seed >> 31 ? 3 : 4; break;
      default: state = 0; break;
    }
  }
  return counts[0] != 140 || counts[3] != 51 || counts[7] != 74;
}
