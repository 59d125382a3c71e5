package dev.bts.kernel.ptrace;

import dev.bts.kernel.sys.Signals;

/**
 * What the program wants done on SIGTRAP: its struct sigaction, kept by the tracer because the
 * kernel's is the {@link Rescue} handler while the program is stepped.
 */
final class TrapDisposition {
  private static final long IGNORE = 1;

  private byte[] action = new byte[Signals.SIGACTION_BYTES];
  private boolean installed;

  /** Returns a copy for a forked child, which inherits dispositions. */
  TrapDisposition fork() {
    TrapDisposition child = new TrapDisposition();
    child.action = action.clone();
    child.installed = installed;
    return child;
  }

  byte[] action() {
    return action;
  }

  void setAction(byte[] wanted) {
    action = wanted.clone();
  }

  /** Whether the kernel holds the rescue handler now. */
  boolean installed() {
    return installed;
  }

  void setInstalled(boolean now) {
    installed = now;
  }

  boolean ignored() {
    return handler() == IGNORE;
  }

  /** An exec resets handlers; what is ignored stays ignored. */
  void exec() {
    if (handler() != IGNORE) {
      action = new byte[Signals.SIGACTION_BYTES];
    }
    installed = false;
  }

  private long handler() {
    return java.nio.ByteBuffer.wrap(action)
        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
        .getLong(Signals.SA_HANDLER_OFFSET);
  }
}
