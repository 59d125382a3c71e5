package dev.bts.kernel.operations;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A process of a sequence with its threads, the first of them first. */
final class Crew {
  private final int pid;
  private final @Nullable Crew parent;
  private final List<Actor> actors = new ArrayList<>();
  private boolean ended;

  /**
   * Describes a process.
   *
   * @param parent null for the nursery
   */
  Crew(int pid, @Nullable Crew parent) {
    this.pid = pid;
    this.parent = parent;
  }

  int pid() {
    return pid;
  }

  /** Returns who can wait for it: its parent while that lives, null for the nursery. */
  @Nullable Crew parent() {
    return parent == null || parent.ended ? null : parent;
  }

  List<Actor> actors() {
    return actors;
  }

  Actor first() {
    return actors.get(0);
  }

  boolean ended() {
    return ended;
  }

  void end() {
    ended = true;
  }
}
