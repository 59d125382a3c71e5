package dev.bts.api;

import java.util.Locale;

/** What happens when a fork, clone or exec in mid-session needs a buffer and its payer refuses. */
public enum OnRefusal {
  /** The new task records into memory that is already paid for. */
  SHARE,
  /** The new task's branches are counted and marked as lost. */
  LOSE,
  /** The new task runs untraced; the trace says so. */
  STOP,
  /** The session fails. */
  FAIL;

  /** Returns the name used on command lines. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
