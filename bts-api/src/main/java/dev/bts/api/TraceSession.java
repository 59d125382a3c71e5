package dev.bts.api;

import dev.bts.api.charging.Receipt;
import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.TraceSink;
import java.util.List;

/**
 * One traced process tree, from attach to detach.
 *
 * <p>The calls answer, command by command, to the ptrace BTS interface of Linux 2.6.28: CONFIG is
 * {@link #configure}, STATUS {@link #status}, SIZE {@link #size}, GET {@link #get}, CLEAR {@link
 * #clear}, DRAIN {@link #drain}. As there, records are read while the tracees stand: {@code size},
 * {@code get}, {@code clear}, {@code drain} and {@code configure} on a session that is tracing
 * first bring the tracees to a halt between two instructions and afterwards let them go on.
 *
 * <p>Life: ATTACHED (tracees stand, nothing recorded) → TRACING ⇄ PAUSED → DETACHED. After the last
 * tracee is gone the session is DETACHED by itself; records that no sink has taken stay readable
 * until {@link #close}.
 *
 * <p>All methods may be called from any thread; a session carries them out one after another on its
 * own platform thread, the only one that makes ptrace calls. Sinks and listeners are called on that
 * thread and must not call back into the session: such a call fails with {@link
 * SessionStateException}.
 */
public interface TraceSession extends AutoCloseable {
  /** The life of a session. */
  enum State {
    /** The tracees are under control and stand. */
    ATTACHED,
    /** The tracees run and are recorded. */
    TRACING,
    /** The tracees stand; the buffer holds what was recorded. */
    PAUSED,
    /** No tracee is left under control. */
    DETACHED
  }

  /** Returns how branches are seen. */
  Mechanism mechanism();

  /** Returns the process id of the first tracee. */
  int pid();

  /**
   * Lets the tracees run and records.
   *
   * @throws SessionStateException if the session is detached
   */
  void start();

  /**
   * Brings all tracees to a halt between two instructions; returns when they stand.
   *
   * @throws SessionStateException if the session is detached
   */
  void pause();

  /**
   * PTRACE_BTS_CONFIG: sets flags and, with {@link ConfigFlag#ALLOC}, replaces the buffer by one of
   * the configured size; size zero frees it. Records of a buffer that is replaced are gone, as they
   * were in 2008; drain first to keep them.
   *
   * @throws ChargeRefusedException if the payer cannot pay; the old buffer and its records stay
   * @throws SessionStateException if the session is detached
   */
  void configure(BtsConfig config);

  /**
   * PTRACE_BTS_STATUS: returns the configuration in force and the session's counters. {@link
   * ConfigFlag#ALLOC} is an action and never in force; the size is that of the buffer, in whole
   * pages. Allowed in every state.
   */
  SessionStatus status();

  /**
   * PTRACE_BTS_SIZE: returns the number of records that can be read, all buffers together.
   *
   * @throws SessionStateException if the session is closed, as for all calls that read records
   */
  long size();

  /**
   * PTRACE_BTS_GET: returns one record; index 0 is the newest.
   *
   * @throws IndexOutOfBoundsException if index is not in [0, size)
   */
  BranchRecord get(long index);

  /** PTRACE_BTS_CLEAR: forgets all records. They are not counted as lost. */
  void clear();

  /**
   * PTRACE_BTS_DRAIN: hands all records, oldest first, and the pending side events in their places
   * to the sink, then empties the buffer.
   *
   * @return the number of branch records handed over
   */
  long drain(TraceSink sink);

  /**
   * Sets the listener for {@link ConfigFlag#SIGNAL}, called when a buffer reaches its threshold.
   */
  void onOverflow(OverflowListener listener);

  /**
   * Replaces the buffer by one of another size and keeps nothing of the old one's records; equal to
   * {@link #configure} with {@link ConfigFlag#ALLOC} and the present flags.
   *
   * @throws ChargeRefusedException if the payer cannot pay; the old buffer and its records stay
   */
  default void resize(long sizeBytes) {
    java.util.EnumSet<ConfigFlag> flags = java.util.EnumSet.of(ConfigFlag.ALLOC);
    flags.addAll(status().config().flags());
    configure(new BtsConfig(sizeBytes, flags));
  }

  /**
   * Waits until the first tracee has ended and no tracee is left, and returns how it ended. The
   * session must have been started.
   *
   * @throws SessionStateException if the session was not started, or was detached before the end
   * @throws InterruptedException if the waiting thread is interrupted; the session goes on
   */
  ExitStatus await() throws InterruptedException;

  /**
   * Lets all tracees go, native and with nothing left behind in them, and refunds. Idempotent.
   * Records that were not drained go to the request's sink, if it has one, and else stay readable.
   */
  void detach();

  /** Returns all receipts of this session, the refunded ones included, in order of charge. */
  List<Receipt> receipts();

  /** Detaches and releases everything that is left. Idempotent. */
  @Override
  void close();

  /** Is told that a buffer has reached its interrupt threshold. */
  @FunctionalInterface
  interface OverflowListener {
    /**
     * Called on the session's thread while the tracees stand.
     *
     * @param records the records that the buffer holds now
     */
    void overflowed(long records);
  }
}
