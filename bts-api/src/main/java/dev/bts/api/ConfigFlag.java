package dev.bts.api;

/** The flags of the ptrace BTS interface of Linux 2.6.28 ({@code PTRACE_BTS_O_*}). */
public enum ConfigFlag {
  /** Record branches. */
  TRACE,
  /** Record when a thread arrives on and departs from a CPU, as side events. */
  SCHED,
  /** Notify the session's overflow listener when the interrupt threshold is reached. */
  SIGNAL,
  /** Allocate a buffer of the size that the configuration names, replacing the present one. */
  ALLOC
}
