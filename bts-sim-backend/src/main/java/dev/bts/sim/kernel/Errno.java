package dev.bts.sim.kernel;

/** The error codes that the modelled system calls return, with their numbers on x86-64. */
public enum Errno {
  /** Operation not permitted. */
  EPERM(1),
  /** No such process. */
  ESRCH(3),
  /** Resource temporarily unavailable: over RLIMIT_MEMLOCK. */
  EAGAIN(11),
  /** Cannot allocate memory: over RLIMIT_AS, or over RLIMIT_MEMLOCK for shared segments. */
  ENOMEM(12);

  private final int number;

  Errno(int number) {
    this.number = number;
  }

  /** Returns the number. */
  public int number() {
    return number;
  }
}
