package dev.bts.sim.kernel;

/** The error codes that the modelled system calls return, with their numbers on x86-64. */
public enum Errno {
  /** Operation not permitted. */
  EPERM(1),
  /** No such process. */
  ESRCH(3),
  /** Bad file descriptor. */
  EBADF(9),
  /** Resource temporarily unavailable: over RLIMIT_MEMLOCK. */
  EAGAIN(11),
  /** Cannot allocate memory: over RLIMIT_AS, or over RLIMIT_MEMLOCK for shared segments. */
  ENOMEM(12),
  /** Permission denied: a segment of another user. */
  EACCES(13),
  /** Bad address: nothing that could grow is mapped there. */
  EFAULT(14),
  /** Device or resource busy: a control group with tasks or groups in it. */
  EBUSY(16),
  /** Something is mapped there already. */
  EEXIST(17),
  /** Invalid argument. */
  EINVAL(22);

  private final int number;

  Errno(int number) {
    this.number = number;
  }

  /** Returns the number. */
  public int number() {
    return number;
  }
}
