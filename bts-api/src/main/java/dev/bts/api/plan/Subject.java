package dev.bts.api.plan;

import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;

/** Who would be traced, and by whom. */
public sealed interface Subject {
  /** A command that is yet to be started by the tracer, which is the asking process. */
  record Command() implements Subject {}

  /**
   * A running process and the children that it may fork; the tracer is the asking process.
   *
   * @param pid the process id in the tracer's pid namespace
   */
  record Running(int pid) implements Subject {
    /**
     * Checks the pid.
     *
     * @throws InvalidRequestException if it cannot be one
     */
    public Running {
      if (pid <= 0) {
        throw new InvalidRequestException(
            new Explanation(
                "plan for process " + pid, "a process id is a positive number", "see ps(1)"));
      }
    }
  }

  /**
   * A command that a user's own tracer is yet to start.
   *
   * @param name the user's name or number, as the backend knows it
   */
  record OfUser(String name) implements Subject {}
}
