package dev.bts.cli;

/** What bts returns when it does not return the status of a command that it traced. */
final class ExitCode {
  /** All is well. */
  static final int OK = 0;

  /** A verb other than record failed. */
  static final int FAILURE = 1;

  /** A verb other than record was called wrongly. */
  static final int USAGE = 2;

  /** The trace file is damaged; every intact block was used, and what is missing was said. */
  static final int DAMAGED = 3;

  /** Not all was looked at, and nothing was found. */
  static final int PARTIAL = 3;

  /** Record failed for a reason of its own; as with env(1) and timeout(1). */
  static final int RECORD_FAILURE = 125;

  /** The command is there but cannot be executed. */
  static final int NOT_EXECUTABLE = 126;

  /** There is no such command. */
  static final int NOT_FOUND = 127;

  /** Added to the number of a signal that ended something. */
  static final int SIGNAL_BASE = 128;

  private ExitCode() {}
}
