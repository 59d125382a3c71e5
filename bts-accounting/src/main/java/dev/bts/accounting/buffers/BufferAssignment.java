package dev.bts.accounting.buffers;

import dev.bts.api.BtsException;
import dev.bts.api.BufferSpec;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.Explanation;
import dev.bts.api.OnRefusal;
import dev.bts.api.SessionStateException;
import dev.bts.api.TraceRequest;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Receipt;
import dev.bts.api.record.BranchRun;
import dev.bts.api.record.StreamLog;
import dev.bts.api.record.TraceSink;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The buffers of a session, and which tracee is recorded into which of them, from the first
 * allocation to the last refund: one buffer for each payer, and what the request says ({@link
 * OnRefusal}) when a payer refuses in mid-session.
 *
 * <p>A failure in mid-session is kept for the session to find when it has done its step, because a
 * step cannot be left halfway. Used on the session's thread only.
 *
 * @param <T> a tracee, as the backend's {@link PageSupply} knows it
 */
public final class BufferAssignment<T> {
  private static final String NO_BUFFER = "there was no buffer";
  private static final String PAYER_GONE = "who paid for the buffer is gone";
  private static final String PAYER_WAITS =
      "who would pay waits in vfork for a process that is not traced";

  private final StreamLog log;
  private final PageSupply<T> supply;
  private final BufferPool<T> pool;
  private final OnRefusal onRefusal;
  private final Map<T, Recording<T>> recordings = new LinkedHashMap<>();

  /** Those whose buffer was taken from them. */
  private final Set<Recording<T>> bereft = new LinkedHashSet<>();

  private final RetiredBuffers retired;
  private long bufferPages;
  private @Nullable BtsException failure;

  /**
   * Creates the assignment, without a buffer.
   *
   * @param request says size, overflow and what to do on refusal
   * @param log the session's stream
   * @param clock tells the time in nanoseconds, for side events
   */
  public BufferAssignment(
      PageSupply<T> supply,
      ChargingPolicy policy,
      TraceRequest request,
      StreamLog log,
      LongSupplier clock) {
    this.log = log;
    this.supply = supply;
    this.retired = new RetiredBuffers(log);
    this.pool = new BufferPool<>(supply, policy, request, log, clock);
    this.onRefusal = request.onRefusal();
  }

  /**
   * Takes on a tracee, whose branches are lost until it is assigned a buffer: a new process, or one
   * with a new address space.
   */
  public void add(T tracee) {
    remove(tracee);
    recordings.put(tracee, new Recording<>(tracee, NO_BUFFER));
  }

  /** Takes on a tracee that is recorded, or not, as another one is: a thread of its process. */
  public void addLike(T tracee, T other) {
    Recording<T> recording = new Recording<>(tracee, NO_BUFFER);
    recording.followExampleOf(recording(other));
    recordings.put(tracee, recording);
  }

  /** Forgets a tracee; what was recorded of it stays. */
  public void remove(T tracee) {
    Recording<T> recording = recordings.remove(tracee);
    if (recording != null) {
      bereft.remove(recording);
    }
  }

  private Recording<T> recording(T tracee) {
    return Objects.requireNonNull(recordings.get(tracee), "this tracee was not added");
  }

  /**
   * Records a branch of a tracee, or counts it as lost; of one that was not added nothing.
   * Allocates nothing as long as branches come from tracees with the same buffer.
   *
   * @return true if a buffer's interrupt threshold was reached by it and the session should act
   */
  public boolean branched(T tracee, long from, long to, int flags, int tid) {
    Recording<T> recording = recordings.get(tracee);
    return recording != null && recording.branched(log, from, to, flags, tid);
  }

  /**
   * Records branches of one thread in a row, as {@link #branched(Object, long, long, int, int)}
   * does one; at each threshold something is done.
   *
   * @param sink takes them at once if they are many, instead of a buffer that it would be drained
   *     to; null if they have to lie in a buffer first
   */
  public void branched(
      T tracee, BranchRun branches, int tid, @Nullable TraceSink sink, Runnable atThreshold) {
    Recording<T> recording = recordings.get(tracee);
    while (recording != null && recording.branched(log, branches, tid, sink)) {
      atThreshold.run();
      recording = recordings.get(tracee);
    }
  }

  /** Returns whether a tracee is to run untraced, because its payer refused ({@link OnRefusal}). */
  public boolean leavesAlone(T tracee) {
    Recording<T> recording = recordings.get(tracee);
    return recording != null && recording.buffer() == null && recording.lostBecause() == null;
  }

  /** Returns what makes the session fail, null for nothing. */
  public @Nullable BtsException failure() {
    return failure;
  }

  /** Returns the size of each buffer in bytes, whole pages. */
  public long bufferBytes() {
    return bufferPages * BufferSpec.PAGE_BYTES;
  }

  /** Returns how many pages are charged now. */
  public long chargedPages() {
    return pool.chargedPages();
  }

  /** Returns the most pages that were ever charged at one time. */
  public long peakPages() {
    return pool.peakPages();
  }

  /** Returns the receipts of all buffers there ever were, in order of charge. */
  public List<Receipt> receipts() {
    return pool.receipts();
  }

  /**
   * Allocates the first buffer, for the first tracee; {@link BufferSpec#AUTO} takes what fits, zero
   * takes none. What a dead session has left with the tracee is used for it, or refunded before.
   *
   * @throws ChargeRefusedException if the payer refuses
   */
  public void allocate(long sizeBytes) {
    T first = recordings.keySet().iterator().next();
    boolean auto = sizeBytes == BufferSpec.AUTO;
    ChargedBuffer adopted = pool.adopt(first, auto ? sizeBytes : BufferSpec.pages(sizeBytes));
    if (adopted != null) {
      bufferPages = adopted.receipt().pages();
    } else if (auto) {
      bufferPages = pool.allocateAuto(first).receipt().pages();
    } else if (sizeBytes > 0) {
      bufferPages = BufferSpec.pages(sizeBytes);
      pool.allocate(first, bufferPages);
    }
    assignThoseThatLose();
  }

  /**
   * Replaces all buffers by ones of another size, all or none; zero frees them. What they held is
   * gone. New ones are charged before old ones are refunded.
   *
   * @throws ChargeRefusedException if a payer refuses; nothing has changed
   * @throws SessionStateException if a payer cannot make the calls now; nothing has changed
   */
  public void resize(long pages) {
    requireReachablePayers();
    pool.verify();
    List<ChargedBuffer> old = pool.all();
    if (pages == 0) {
      recorded().forEach(recording -> recording.lose(NO_BUFFER));
    } else if (old.isEmpty()) {
      recordings.values().stream()
          .filter(recording -> recording.lostBecause() != null)
          .map(Recording::tracee)
          .filter(supply::isReachable)
          .findFirst()
          .ifPresent(tracee -> pool.allocate(tracee, pages));
    } else {
      Map<ChargedBuffer, ChargedBuffer> replacements = replacements(old, pages);
      for (Recording<T> recording : recorded()) {
        ChargedBuffer replacement = replacements.get(recording.buffer());
        if (replacement != null) {
          recording.recordInto(replacement);
        }
      }
    }
    bufferPages = pages;
    old.forEach(buffer -> log.discard(buffer.area()));
    retired.discardAll();
    pool.releaseAll(old);
    assignThoseThatLose();
  }

  private void requireReachablePayers() {
    for (Recording<T> recording : recorded()) {
      T tracee = recording.tracee();
      ChargedBuffer buffer = recording.buffer();
      if (buffer != null
          && buffer.isPaidBy(supply.identify(tracee).mm())
          && !supply.isReachable(tracee)) {
        throw new SessionStateException(
            new Explanation(
                "resize the buffer of pid " + supply.tid(tracee),
                PAYER_WAITS,
                "try again when that process has executed its program or ended, or let another"
                    + " payer pay: --charge tracer"));
      }
    }
  }

  private List<Recording<T>> recorded() {
    return recordings.values().stream().filter(recording -> recording.buffer() != null).toList();
  }

  /** Allocates a buffer of the new size for each old one that somebody uses, all or none. */
  private Map<ChargedBuffer, ChargedBuffer> replacements(List<ChargedBuffer> old, long pages) {
    Map<ChargedBuffer, T> payers = new HashMap<>();
    for (ChargedBuffer buffer : old) {
      recordings.values().stream()
          .filter(recording -> recording.buffer() == buffer)
          .map(Recording::tracee)
          .min(Comparator.comparing(tracee -> pool.paidFor(tracee) != buffer))
          .ifPresent(tracee -> payers.put(buffer, tracee));
    }
    Map<ChargedBuffer, ChargedBuffer> replacements = new HashMap<>();
    boolean complete = false;
    try {
      for (ChargedBuffer buffer : old) {
        T payer = payers.get(buffer);
        if (payer != null) {
          replacements.put(buffer, pool.allocate(payer, pages));
        }
      }
      complete = true;
    } finally {
      if (!complete) {
        pool.releaseAll(replacements.values());
      }
    }
    return replacements;
  }

  private void assignThoseThatLose() {
    for (Recording<T> recording : List.copyOf(recordings.values())) {
      if (recording.lostBecause() != null) {
        assign(recording, pool.any());
      }
    }
  }

  /**
   * Finds a buffer for a tracee that has none, or does what the request says on refusal. The tracee
   * stands.
   *
   * @param parent the tracee whose buffer to share then, null for any
   */
  public void assign(T tracee, @Nullable T parent) {
    Recording<T> parents = parent == null ? null : recordings.get(parent);
    assign(recording(tracee), parents == null ? null : parents.buffer());
  }

  private void assign(Recording<T> recording, @Nullable ChargedBuffer parents) {
    bereft.remove(recording);
    if (bufferPages == 0) {
      recording.lose(NO_BUFFER);
      return;
    }
    T tracee = recording.tracee();
    try {
      ChargedBuffer paid = pool.paidFor(tracee);
      if (paid == null && !supply.isReachable(tracee)) {
        recording.lose(PAYER_WAITS);
        bereft.add(recording);
        return;
      }
      recording.recordInto(paid != null ? paid : pool.allocate(tracee, bufferPages));
    } catch (ChargeRefusedException refused) {
      refused(recording, parents, refused);
    } catch (BtsException e) {
      recording.lose(e.explanation().obstacle());
      // One that was killed meanwhile is no failure of the session's.
      failure = supply.isReachable(tracee) ? e : failure;
    }
  }

  private void refused(
      Recording<T> recording, @Nullable ChargedBuffer parents, ChargeRefusedException refused) {
    String reason = "no buffer for it: " + refused.explanation();
    switch (onRefusal) {
      case SHARE -> {
        ChargedBuffer shared = parents != null ? parents : pool.any();
        if (shared != null) {
          recording.recordInto(shared);
        } else {
          recording.lose(reason);
        }
      }
      case LOSE -> recording.lose(reason);
      case STOP -> {
        recording.leaveAlone();
        log.note(supply.tid(recording.tracee()), "not recorded from here on, " + reason);
      }
      case FAIL -> {
        recording.lose(reason);
        failure = refused;
      }
    }
  }

  /**
   * Checks that the charges of an address space still stand, which is about to go: afterwards it
   * cannot be looked at any more. Differences are told as drift.
   */
  public void verify(AccountOwner.AddressSpace payer) {
    pool.paidBy(payer).forEach(ChargedBuffer::verify);
  }

  /** Checks all charges at a moment that suits; does it as often as costs little time. */
  public void verifyIfDue() {
    pool.verifyIfDue();
  }

  /** Returns whether an address space pays for a buffer now. */
  public boolean isPaying(AccountOwner.AddressSpace payer) {
    return !pool.paidBy(payer).isEmpty();
  }

  /**
   * Refunds the buffers that an address space pays for which is gone or about to be let go. Their
   * records stay readable, in memory that is no longer locked. Who else was recorded into them
   * waits for {@link #assignBereft} or {@link #assignIfBereft}; meanwhile it shares a buffer if the
   * request allows that.
   */
  public void payerLeaves(AccountOwner.AddressSpace payer) {
    List<ChargedBuffer> left = pool.paidBy(payer);
    for (Recording<T> recording : recorded()) {
      if (left.contains(recording.buffer())) {
        recording.lose(PAYER_GONE);
        bereft.add(recording);
      }
    }
    try {
      pool.releaseAll(left);
    } finally {
      left.forEach(retired::add);
      ChargedBuffer other = pool.any();
      if (onRefusal == OnRefusal.SHARE && other != null) {
        bereft.forEach(recording -> recording.recordInto(other));
      }
    }
  }

  /** Finds other buffers for tracees whose payer has left them; all of them stand. */
  public void assignBereft() {
    for (Recording<T> recording : new ArrayList<>(bereft)) {
      assign(recording, null);
    }
  }

  /** Finds another buffer for a tracee if its payer has left it; it stands. */
  public void assignIfBereft(T tracee) {
    Recording<T> recording = bereft.isEmpty() ? null : recordings.get(tracee);
    if (recording != null && bereft.contains(recording)) {
      assign(recording, null);
    }
  }

  /** Ends it: forgets all tracees and refunds all buffers. Their records stay readable. */
  public void releaseAll() {
    recordings.clear();
    bereft.clear();
    pool.releaseAll(pool.all());
  }
}
