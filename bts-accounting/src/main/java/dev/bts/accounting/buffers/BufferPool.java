package dev.bts.accounting.buffers;

import dev.bts.api.BufferSpec;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.TraceRequest;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Receipt;
import dev.bts.api.record.BranchBuffer;
import dev.bts.api.record.Bts24;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.StreamLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The buffers of one session, one for each payer: tracees for whom the same accounts would pay
 * share one. Used on the session's thread.
 */
final class BufferPool<T> {
  /** The size that {@link BufferSpec#AUTO} starts from. */
  private static final long AUTO_PAGES = BufferSpec.AUTO_BYTES / BufferSpec.PAGE_BYTES;

  /** The threshold lies this part of a buffer before its end. */
  private static final int THRESHOLD_PART = 16;

  /** Of the time that passes, checks at drains take at most this part. */
  private static final int CHECKING_PART = 100;

  private final PageSupply<T> supply;
  private final ChargingPolicy policy;
  private final TraceRequest request;
  private final StreamLog log;
  private final LongSupplier clock;
  private final List<ChargedBuffer> buffers = new ArrayList<>();
  private final List<Receipt> receipts = new ArrayList<>();
  private long chargedPages;
  private long peakPages;
  private long nextCheckNanos;

  BufferPool(
      PageSupply<T> supply,
      ChargingPolicy policy,
      TraceRequest request,
      StreamLog log,
      LongSupplier clock) {
    this.supply = supply;
    this.policy = policy;
    this.request = request;
    this.log = log;
    this.clock = clock;
    this.nextCheckNanos = clock.getAsLong();
  }

  /** Returns the buffer that the payer for this tracee has paid for already, null if none. */
  @Nullable ChargedBuffer paidFor(T tracee) {
    Optional<Payer> payer = payer(tracee);
    return buffers.stream()
        .filter(buffer -> payer.filter(buffer.payer()::equals).isPresent())
        .findFirst()
        .orElse(null);
  }

  /** Returns who pays for a tracee by the policy, empty if it refuses. */
  private Optional<Payer> payer(T tracee) {
    return Payer.of(policy, supply.tracer(), supply.identify(tracee), request.chargeOther());
  }

  /** Returns any buffer that is paid for, null if there is none. */
  @Nullable ChargedBuffer any() {
    return buffers.isEmpty() ? null : buffers.get(0);
  }

  /** Returns the buffers that an account owner pays for. */
  List<ChargedBuffer> paidBy(AccountOwner owner) {
    return buffers.stream().filter(buffer -> buffer.isPaidBy(owner)).toList();
  }

  /** Returns all buffers that are paid for. */
  List<ChargedBuffer> all() {
    return List.copyOf(buffers);
  }

  /**
   * Allocates the largest buffer up to the standard size that the payer can pay for.
   *
   * @throws ChargeRefusedException if not even a page can be had
   */
  ChargedBuffer allocateAuto(T tracee) {
    long pages = AUTO_PAGES;
    while (true) {
      try {
        return allocate(tracee, pages);
      } catch (ChargeRefusedException refused) {
        long fits = Math.min(refused.refusal().fittingPages(), pages - 1);
        if (fits < 1) {
          throw refused;
        }
        pages = fits;
      }
    }
  }

  /**
   * Allocates and charges a buffer of at least one page.
   *
   * @throws ChargeRefusedException if policy or kernel refuse; nothing is charged
   */
  ChargedBuffer allocate(T tracee, long pages) {
    ChargedPages charged = supply.charge(tracee, pages);
    ChargedBuffer buffer = add(charged);
    log.event(new SideEvent.Charged(supply.tid(tracee), clock.getAsLong(), buffer.receipt()));
    return buffer;
  }

  /**
   * Takes over what dead sessions have left with a tracee. Keeps what the policy would have charged
   * for it just so, and refunds the rest to whom it stands on.
   *
   * @param wantedPages the size to keep, {@link BufferSpec#AUTO} for any
   * @return what is kept, null if nothing is
   */
  @Nullable ChargedBuffer adopt(T tracee, long wantedPages) {
    ChargedBuffer kept = null;
    for (Optional<ChargedPages> next = supply.adopt(tracee);
        next.isPresent();
        next = supply.adopt(tracee)) {
      ChargedPages found = next.get();
      Receipt receipt = found.receipt();
      log.event(new SideEvent.Adopted(supply.tid(tracee), clock.getAsLong(), receipt));
      boolean fits =
          found.bytes().remaining() >= Bts24.RECORD_BYTES
              && (wantedPages == BufferSpec.AUTO || wantedPages == receipt.pages())
              && payer(tracee).filter(Payer.of(receipt.charges())::equals).isPresent();
      if (kept == null && fits) {
        kept = add(found);
      } else {
        receipts.add(receipt);
        refund(found::release, receipt);
      }
    }
    return kept;
  }

  private ChargedBuffer add(ChargedPages charged) {
    ChargedBuffer buffer = null;
    try {
      int records = charged.bytes().remaining() / Bts24.RECORD_BYTES;
      BranchBuffer area =
          new BranchBuffer(charged.bytes(), request.buffer().overflow(), records / THRESHOLD_PART);
      buffer = new ChargedBuffer(area, charged);
    } finally {
      if (buffer == null) {
        charged.release();
      }
    }
    buffers.add(buffer);
    receipts.add(buffer.receipt());
    chargedPages += buffer.receipt().pages();
    peakPages = Math.max(peakPages, chargedPages);
    return buffer;
  }

  /** Checks that all charges still stand. */
  void verify() {
    buffers.forEach(ChargedBuffer::verify);
  }

  /** Checks, unless checks have taken their part of the time already. */
  void verifyIfDue() {
    long now = clock.getAsLong();
    if (now - nextCheckNanos >= 0) {
      verify();
      long done = clock.getAsLong();
      nextCheckNanos = done + CHECKING_PART * (done - now);
    }
  }

  /** Checks and refunds a buffer. It is nobody's any more; its records can still be read. */
  void release(ChargedBuffer buffer) {
    if (!buffers.remove(buffer)) {
      return;
    }
    chargedPages -= buffer.receipt().pages();
    try {
      buffer.verify();
    } finally {
      refund(buffer::release, buffer.receipt());
    }
  }

  private void refund(Runnable release, Receipt receipt) {
    try {
      release.run();
    } finally {
      log.event(new SideEvent.Refunded(0, clock.getAsLong(), receipt));
    }
  }

  /** Refunds several buffers, each of them even if another one fails. */
  void releaseAll(Iterable<ChargedBuffer> unused) {
    RuntimeException failure = null;
    for (ChargedBuffer buffer : unused) {
      try {
        release(buffer);
      } catch (RuntimeException failed) {
        if (failure == null) {
          failure = failed;
        } else {
          failure.addSuppressed(failed);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  long chargedPages() {
    return chargedPages;
  }

  long peakPages() {
    return peakPages;
  }

  List<Receipt> receipts() {
    return List.copyOf(receipts);
  }
}
