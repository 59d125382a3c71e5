package dev.bts.api;

import dev.bts.api.charging.AccountOwner;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A branch buffer that some session on this machine has, or has left behind.
 *
 * @param pid the process whose memory it is in: the payer's, or the tracer's where a user or a
 *     control group pays
 * @param policy who pays, as the kind of its memory says: {@code tracee}, {@code tracer}, {@code
 *     user} or {@code cgroup}
 * @param pages its size
 * @param lockedPages how many of its pages the kernel counts as locked now; empty if that cannot be
 *     known
 * @param payer who pays for the pages; empty if nobody does, or it cannot be known
 * @param owner whether the thread that records into it lives
 * @param ownerReason how that is known, or why it is not
 * @param ownerPid the owner's process as the buffer claims it, in the owner's own pid namespace; 0
 *     if it claims none
 * @param mappedBy the processes that have it mapped
 * @param remarks what does not fit together, and what could not be verified
 */
public record LiveBuffer(
    int pid,
    String policy,
    long pages,
    OptionalLong lockedPages,
    Optional<AccountOwner> payer,
    Owner owner,
    String ownerReason,
    int ownerPid,
    List<Integer> mappedBy,
    List<String> remarks) {
  /** What is known of the thread that owns a buffer. */
  public enum Owner {
    /** It lives; the buffer is in use. */
    ALIVE,
    /** It has ended without giving the buffer back: an orphan. */
    DEAD,
    /** It cannot be told. */
    UNKNOWN
  }

  /** Copies. */
  public LiveBuffer {
    mappedBy = List.copyOf(mappedBy);
    remarks = List.copyOf(remarks);
  }

  /** Returns the traced process that has it mapped, 0 if only the tracer has. */
  public int tracee() {
    return policy.equals("tracee") ? pid : 0;
  }
}
