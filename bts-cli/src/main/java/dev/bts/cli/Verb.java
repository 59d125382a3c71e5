package dev.bts.cli;

/** A verb of the command. */
interface Verb {
  /** Returns the status for wrong usage. */
  default int usageStatus() {
    return ExitCode.USAGE;
  }

  /** Returns the status for a failure of bts itself. */
  default int failureStatus() {
    return ExitCode.FAILURE;
  }
}
