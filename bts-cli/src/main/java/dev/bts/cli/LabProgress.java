package dev.bts.cli;

import dev.bts.sim.lab.Progress;
import java.util.Locale;

/** Shows on a terminal how far an exploration has come. */
final class LabProgress {
  private static final long NANOS_BETWEEN = 200_000_000;
  private static final double NANOS_PER_SECOND = 1e9;
  private static final int MIB_SHIFT = 20;
  private static final String CLEAR = "\r\u001b[K";

  private final Console console;
  private long shownNanos;
  private boolean shown;

  LabProgress(Console console) {
    this.console = console;
  }

  void show(Progress progress) {
    if (!console.terminal() || progress.nanos() - shownNanos < NANOS_BETWEEN) {
      return;
    }
    shownNanos = progress.nanos();
    text(
        String.format(
            Locale.ROOT,
            "%,d states, %,d/s, step %d, %,d to look at, %d MiB",
            progress.states(),
            (long) (progress.states() * NANOS_PER_SECOND / progress.nanos()),
            progress.depth() + 1,
            progress.frontier(),
            progress.bytes() >> MIB_SHIFT));
  }

  /** Shows a text instead. */
  void text(String text) {
    if (console.terminal()) {
      shown = true;
      console.err().print(CLEAR + text);
      console.err().flush();
    }
  }

  /** Removes what was shown. */
  void finish() {
    if (shown) {
      console.err().print(CLEAR);
      console.err().flush();
    }
  }
}
