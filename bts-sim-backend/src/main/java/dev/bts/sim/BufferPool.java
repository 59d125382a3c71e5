package dev.bts.sim;

import dev.bts.api.BufferSpec;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.Explanation;
import dev.bts.api.KernelException;
import dev.bts.api.TraceRequest;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Ledger;
import dev.bts.api.charging.Receipt;
import dev.bts.api.charging.Refusal;
import dev.bts.api.record.BranchBuffer;
import dev.bts.api.record.Bts24;
import dev.bts.api.record.SideEvent;
import dev.bts.sim.kernel.Errno;
import dev.bts.sim.kernel.Machine;
import dev.bts.sim.kernel.Task;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The buffers of one session, one for each payer: tasks for whom the same accounts would pay share
 * one.
 *
 * <p>Every buffer is reserved in the ledger, then charged by the modelled kernel, then committed.
 * Used on the session's thread.
 */
final class BufferPool {
  /** The size that {@link BufferSpec#AUTO} starts from: 1 MiB. */
  private static final long AUTO_PAGES = 256;

  /** The threshold lies this part of a buffer before its end. */
  private static final long THRESHOLD_PART = 16;

  private final Machine machine;
  private final Task tracer;
  private final Ledger ledger;
  private final ChargingPolicy policy;
  private final TraceRequest request;
  private final AccountView view;
  private final Consumer<SideEvent> events;
  private final List<TraceBuffer> buffers = new ArrayList<>();
  private final List<Receipt> receipts = new ArrayList<>();
  private long chargedPages;
  private long peakPages;

  BufferPool(
      Machine machine,
      Task tracer,
      Ledger ledger,
      ChargingPolicy policy,
      TraceRequest request,
      Consumer<SideEvent> events) {
    this.machine = machine;
    this.tracer = tracer;
    this.ledger = ledger;
    this.policy = policy;
    this.request = request;
    this.view = new MachineView(machine, request.strict());
    this.events = events;
  }

  /** Returns the buffer that the payer for this tracee has paid for already, null if none. */
  @Nullable TraceBuffer paidFor(Task tracee) {
    if (policy.plan(chargeRequest(tracee, 1), new UnlimitedView())
        instanceof ChargePlan.Admitted plan) {
      Set<Account> payer = TraceBuffer.payer(plan.charges());
      for (TraceBuffer buffer : buffers) {
        if (buffer.payer().equals(payer)) {
          return buffer;
        }
      }
    }
    return null;
  }

  /** Returns any buffer that is paid for, null if there is none. */
  @Nullable TraceBuffer any() {
    return buffers.isEmpty() ? null : buffers.get(0);
  }

  /** Returns the buffers that an account owner pays for. */
  List<TraceBuffer> paidBy(AccountOwner owner) {
    return buffers.stream().filter(buffer -> buffer.isPaidBy(owner)).toList();
  }

  /** Returns all buffers that are paid for. */
  List<TraceBuffer> all() {
    return List.copyOf(buffers);
  }

  /**
   * Allocates the largest buffer up to the standard size that the payer can pay for.
   *
   * @throws ChargeRefusedException if not even a page can be had
   */
  TraceBuffer allocateAuto(Task tracee) {
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
  TraceBuffer allocate(Task tracee, long pages) {
    // The machine's lock first and the ledger's second, here as everywhere; and nobody else's
    // charge falls between prediction and measurement.
    synchronized (machine) {
      Ledger.Reservation held =
          ledger.reserve(
              policy,
              chargeRequest(tracee, pages),
              view,
              "branch buffer of pid " + tracee.group().pid());
      Placement placement = null;
      TraceBuffer buffer = null;
      try {
        placement = place(held, tracee, pages);
        BranchBuffer area =
            new BranchBuffer(memory(pages), request.buffer().overflow(), free(pages));
        buffer = new TraceBuffer(area, ledger.commit(held), placement);
      } finally {
        if (buffer == null) {
          if (placement != null) {
            placement.release();
          }
          ledger.cancel(held);
        }
      }
      buffers.add(buffer);
      receipts.add(buffer.receipt());
      chargedPages += buffer.receipt().pages();
      peakPages = Math.max(peakPages, chargedPages);
      events.accept(new SideEvent.Charged(tracee.tid(), machine.now(), buffer.receipt()));
      return buffer;
    }
  }

  private Placement place(Ledger.Reservation held, Task tracee, long pages) {
    List<Charge> charges = held.plan().charges();
    List<Long> before = charges.stream().map(c -> view.usedPages(c.account())).toList();
    Placement placement;
    try {
      placement = Placement.of(policy.name(), held.plan(), machine, tracer, request.strict());
    } catch (Placement.RefusedByKernel refused) {
      throw disagreement(refused, tracee, pages);
    }
    for (int i = 0; i < charges.size(); i++) {
      Account account = charges.get(i).account();
      reportDrift(tracee, account, before.get(i) + charges.get(i).pages(), view.usedPages(account));
    }
    return placement;
  }

  /** The policy admitted what the kernel refuses: the kernel decides, and the drift is told. */
  private ChargeRefusedException disagreement(
      Placement.RefusedByKernel refused, Task tracee, long pages) {
    Account account = refused.account();
    long used = view.usedPages(account);
    reportDrift(tracee, account, used + pages, used);
    Refusal byLimit =
        Refusal.overLimit(
            policy.name(), account, pages, used, view.limitPages(account, tracer.identity()));
    return new ChargeRefusedException(
        new Refusal(
            policy.name(),
            account,
            pages,
            used,
            byLimit.limitPages(),
            "the kernel refused with " + refused.errno() + " what the policy admitted",
            byLimit.remedy()));
  }

  private void reportDrift(Task tracee, Account account, long predicted, long actual) {
    if (predicted != actual) {
      events.accept(
          new SideEvent.AccountingDrift(
              tracee.tid(), machine.now(), account.toString(), predicted, actual));
    }
  }

  /** Refunds a buffer. It is nobody's any more; its records can still be read. */
  void release(TraceBuffer buffer) {
    synchronized (machine) {
      buffer.placement().release();
      buffers.remove(buffer);
      if (ledger.refund(buffer.receipt())) {
        chargedPages -= buffer.receipt().pages();
        events.accept(new SideEvent.Refunded(0, machine.now(), buffer.receipt()));
      }
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

  private ChargeRequest chargeRequest(Task tracee, long pages) {
    return new ChargeRequest(tracer.identity(), tracee.identity(), pages, request.chargeOther());
  }

  private static ByteBuffer memory(long pages) {
    try {
      return ByteBuffer.allocate(Math.toIntExact(pages * BufferSpec.PAGE_BYTES));
    } catch (OutOfMemoryError e) {
      throw new KernelException(
          new Explanation(
              "hold " + pages + " simulated pages",
              "the Java heap has no room for them",
              "lower --buffer, or raise -Xmx"),
          Errno.ENOMEM.number(),
          e);
    }
  }

  /** Returns how many records are free when the threshold is reached. */
  private static long free(long pages) {
    return pages * BufferSpec.PAGE_BYTES / Bts24.RECORD_BYTES / THRESHOLD_PART;
  }
}
