package dev.bts.sim.rules;

/**
 * One question that a kernel's accounting answers. Two sets of rules are compared facet by facet.
 */
public enum Facet {
  /** Who is charged, how much, and under which limit. */
  CHARGE("who is charged"),
  /** Who is charged by a second subsystem on the same machine. */
  SECOND_CHARGE("who is charged by the second subsystem"),
  /** When the check and the charge happen. */
  ADMISSION("how a charge is admitted"),
  /** What a failure behind the check leaves. */
  FAILURE("what a failed allocation leaves"),
  /** Whether looking at a buffer and releasing it is one step. */
  RELEASE("how a buffer is released"),
  /** What locking a second time does. */
  RELOCK("what locking again does"),
  /** What a forked child gets of its parent's buffers. */
  INHERITANCE("what a forked child inherits"),
  /** What unmapping a part does. */
  SPLIT("what unmapping a part does"),
  /** Who may use a buffer of another address space. */
  SHARING("who may share a buffer"),
  /** Whether a buffer that its tracer has left can be found again. */
  ORPHANS("what becomes of a buffer without a tracer"),
  /** Where a limit goes that another process sets. */
  PRLIMIT("what a limit set by another process is"),
  /** Whether the pages count as locked memory at all. */
  MEMORY("what kind of memory it is"),
  /** The buffer is resized or freed on request. */
  ON_RESIZE("on resize"),
  /** The tracer detaches. */
  ON_DETACH("on detach"),
  /** The tracer ends without detaching. */
  ON_TRACER_EXIT("on the tracer's end"),
  /** The tracee ends. */
  ON_TRACEE_EXIT("on the tracee's end"),
  /** The tracee, a zombie, is reaped. */
  ON_REAP("on reaping the tracee"),
  /** The last mapping goes. */
  ON_UNMAP("on the last unmap"),
  /** The last descriptor is closed. */
  ON_CLOSE("on the last close"),
  /** The address space that pays is torn down, by exec or by the exit of its last task. */
  ON_PAYER_GONE("on the end of the paying address space"),
  /** A control group that pays is removed. */
  ON_GROUP_GONE("on the removal of a paying control group"),
  /** The CPU that a buffer is loaded on goes offline. */
  ON_CPU_OFFLINE("on the end of its CPU"),
  /** A deferred worker runs. */
  ON_WORK("in the deferred worker");

  private final String label;

  Facet(String label) {
    this.label = label;
  }

  /** Returns the facet in words. */
  public String label() {
    return label;
  }
}
