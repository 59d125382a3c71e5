package dev.bts.cli;

import java.util.function.Supplier;

/** Shows on a terminal how far a verb of the lab has come. */
final class LabProgress {
  private static final long NANOS_BETWEEN = 200_000_000;
  private static final String CLEAR = "\r\u001b[K";

  private final Console console;
  private long shownNanos = System.nanoTime();
  private boolean shown;

  LabProgress(Console console) {
    this.console = console;
  }

  /** Shows a text, unless another one was shown just now. */
  void show(Supplier<String> text) {
    long now = System.nanoTime();
    if (console.terminal() && now - shownNanos >= NANOS_BETWEEN) {
      shownNanos = now;
      text(text.get());
    }
  }

  /** Shows a text at once. */
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
