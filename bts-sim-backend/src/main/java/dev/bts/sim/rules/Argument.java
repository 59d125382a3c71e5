package dev.bts.sim.rules;

/** What an operation is done by, to, or with. Written as {@code key: number} in scenarios. */
public enum Argument {
  /** The task that acts. */
  TASK("task"),
  /** Another task. */
  ON("on"),
  /** A third task. */
  TO("to"),
  /** A buffer. */
  BUFFER("buffer"),
  /** A number of pages. */
  PAGES("pages"),
  /** A user. */
  USER("user"),
  /** A control group. */
  GROUP("group");

  private final String key;

  Argument(String key) {
    this.key = key;
  }

  /** Returns its key in a scenario. */
  public String key() {
    return key;
  }

  /** Returns how many values it has, the first of which is 1. */
  public int count(Bounds bounds) {
    return switch (this) {
      case TASK, ON, TO -> bounds.tasks();
      case BUFFER -> bounds.buffers();
      case PAGES -> bounds.pages();
      case USER -> bounds.users();
      case GROUP -> bounds.groups();
    };
  }
}
