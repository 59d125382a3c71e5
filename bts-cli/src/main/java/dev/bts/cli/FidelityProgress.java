package dev.bts.cli;

/** How far the comparison has come, on a terminal. */
final class FidelityProgress {
  private static final long NANOS_BETWEEN = 200_000_000;
  private static final double NANOS_PER_SECOND = 1e9;

  private final Console console;
  private final long total;
  private final long startNanos = System.nanoTime();
  private long shownNanos;
  private boolean shown;

  FidelityProgress(Console console, long total) {
    this.console = console;
    this.total = total;
  }

  void show(long done, long steps) {
    long now = System.nanoTime();
    if (console.terminal() && now - shownNanos >= NANOS_BETWEEN) {
      shownNanos = now;
      shown = true;
      long rate = (long) (steps * NANOS_PER_SECOND / Math.max(1, now - startNanos));
      console
          .err()
          .print("\r\u001b[K" + done + " of " + total + " sequences, " + rate + " steps/s");
      console.err().flush();
    }
  }

  void finish() {
    if (shown) {
      console.err().print("\r\u001b[K");
      console.err().flush();
    }
  }
}
