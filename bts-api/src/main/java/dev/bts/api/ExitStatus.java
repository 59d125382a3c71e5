package dev.bts.api;

/**
 * How a process ended.
 *
 * @param code the exit code, 0 if a signal ended it
 * @param signal the signal that ended it, 0 if it exited
 */
public record ExitStatus(int code, int signal) {
  private static final int SHELL_SIGNAL_BASE = 128;

  /** Returns the status as a shell shows it: the code, or 128 plus the signal. */
  public int shellStatus() {
    return signal == 0 ? code : SHELL_SIGNAL_BASE + signal;
  }
}
