package dev.bts.kernel.ptrace;

import org.jspecify.annotations.Nullable;

/** What went wrong in several steps, all of which are to be taken. */
final class Failures {
  private @Nullable RuntimeException first;

  /** Takes a step, and keeps what it throws. */
  void catching(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException failed) {
      if (first == null) {
        first = failed;
      } else {
        first.addSuppressed(failed);
      }
    }
  }

  /** Throws what was kept, if anything. */
  void rethrow() {
    if (first != null) {
      throw first;
    }
  }
}
