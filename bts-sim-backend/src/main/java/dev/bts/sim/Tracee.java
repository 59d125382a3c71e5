package dev.bts.sim;

import dev.bts.sim.kernel.Task;
import org.jspecify.annotations.Nullable;

/** A traced task: recorded into a buffer, or counted as lost, or followed and left alone. */
final class Tracee {
  private final Task task;
  private @Nullable TraceBuffer buffer;
  private @Nullable String lostBecause;

  /** Takes on a task whose branches are lost until it gets a buffer. */
  Tracee(Task task, String lostBecause) {
    this.task = task;
    this.lostBecause = lostBecause;
  }

  Task task() {
    return task;
  }

  /** Returns the buffer it is recorded into, null if it is not. */
  @Nullable TraceBuffer buffer() {
    return buffer;
  }

  /** Returns why its branches are lost, null if they are not. */
  @Nullable String lostBecause() {
    return lostBecause;
  }

  void recordInto(TraceBuffer chosen) {
    buffer = chosen;
    lostBecause = null;
  }

  void lose(String reason) {
    buffer = null;
    lostBecause = reason;
  }

  void leaveAlone() {
    buffer = null;
    lostBecause = null;
  }

  /** Is recorded, or not, as another thread of its process is. */
  void followExampleOf(Tracee other) {
    buffer = other.buffer;
    lostBecause = other.lostBecause;
  }
}
