package dev.bts.sim;

import dev.bts.accounting.buffers.ChargedPages;
import dev.bts.accounting.buffers.PageSupply;
import dev.bts.api.BufferSpec;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.Explanation;
import dev.bts.api.KernelException;
import dev.bts.api.TraceRequest;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Ledger;
import dev.bts.api.charging.Receipt;
import dev.bts.api.charging.Refusal;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.StreamLog;
import dev.bts.sim.kernel.BufferHeader;
import dev.bts.sim.kernel.Errno;
import dev.bts.sim.kernel.Machine;
import dev.bts.sim.kernel.Mapping;
import dev.bts.sim.kernel.Task;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Memory that the modelled kernel charges: every buffer is reserved in the ledger, then charged by
 * that kernel, then committed. The records themselves lie in the Java heap.
 */
final class SimPages implements PageSupply<Task> {
  private final Machine machine;
  private final Task tracer;
  private final Ledger ledger;
  private final ChargingPolicy policy;
  private final TraceRequest request;
  private final AccountView view;
  private final StreamLog log;

  SimPages(
      Machine machine,
      Task tracer,
      Ledger ledger,
      ChargingPolicy policy,
      TraceRequest request,
      StreamLog log) {
    this.machine = machine;
    this.tracer = tracer;
    this.ledger = ledger;
    this.policy = policy;
    this.request = request;
    this.view = new MachineView(machine, request.strict());
    this.log = log;
  }

  @Override
  public TaskIdentity tracer() {
    return tracer.identity();
  }

  @Override
  public TaskIdentity identify(Task tracee) {
    return tracee.identity();
  }

  @Override
  public int tid(Task tracee) {
    return tracee.tid();
  }

  @Override
  public boolean isReachable(Task tracee) {
    // The model has no vfork, and calls are made for tasks from outside.
    return true;
  }

  @Override
  public ChargedPages charge(Task tracee, long pages) {
    // The machine's lock first and the ledger's second, here as everywhere; and nobody else's
    // charge falls between prediction and measurement.
    synchronized (machine) {
      Ledger.Reservation held =
          ledger.reserve(
              policy,
              new ChargeRequest(tracer(), identify(tracee), pages, request.chargeOther()),
              view,
              name(tracee));
      Placement placement = null;
      ChargedPages charged = null;
      try {
        ByteBuffer bytes = memory(pages);
        placement = place(held, tracee, pages);
        charged = new Charged(tracee, bytes, ledger.commit(held), placement);
        return charged;
      } finally {
        if (charged == null) {
          if (placement != null) {
            placement.release();
          }
          ledger.cancel(held);
        }
      }
    }
  }

  @Override
  public Optional<ChargedPages> adopt(Task tracee) {
    synchronized (machine) {
      for (Mapping mapping : tracee.mm().mappings()) {
        BufferHeader header = mapping.header();
        if (header != null && header.owner().isGone()) {
          return Optional.of(adopt(tracee, mapping, header.policy()));
        }
      }
      return Optional.empty();
    }
  }

  private Charged adopt(Task tracee, Mapping orphan, String makersPolicy) {
    // What was not locked any more, or never, cannot be recorded into.
    ByteBuffer bytes = orphan.locked() ? memory(orphan.pages()) : ByteBuffer.allocate(0);
    AccountOwner.AddressSpace payer = orphan.mm().identity();
    long locked = orphan.locked() ? orphan.pages() : 0;
    Receipt receipt =
        ledger.adopt(
            makersPolicy,
            name(tracee),
            orphan.pages(),
            List.of(
                new Charge(Account.totalVm(payer), orphan.pages()),
                new Charge(Account.lockedVm(payer), locked)),
            "");
    machine.memory().write(orphan, new BufferHeader(makersPolicy, tracer));
    return new Charged(tracee, bytes, receipt, new Placement.Mapped(machine, orphan));
  }

  private static String name(Task tracee) {
    return "branch buffer of pid " + tracee.group().pid();
  }

  private Placement place(Ledger.Reservation held, Task tracee, long pages) {
    List<Charge> charges = held.plan().charges();
    List<Long> before = used(charges);
    Placement placement;
    try {
      placement = Placement.of(policy.name(), held.plan(), machine, tracer, request.strict());
    } catch (Placement.RefusedByKernel refused) {
      throw disagreement(refused, tracee, pages);
    }
    compare(tracee, charges, 1, before);
    return placement;
  }

  private List<Long> used(List<Charge> charges) {
    return charges.stream().map(charge -> view.usedPages(charge.account())).toList();
  }

  /** Reports where the kernel did not move an account by the charge times {@code sign}. */
  private void compare(Task tracee, List<Charge> charges, int sign, List<Long> before) {
    for (int i = 0; i < charges.size(); i++) {
      Account account = charges.get(i).account();
      long moved = view.usedPages(account) - before.get(i);
      reportDrift(tracee, account, sign * charges.get(i).pages(), moved);
    }
  }

  /** The policy admitted what the kernel refuses: the kernel decides, and the drift is told. */
  private ChargeRefusedException disagreement(
      Placement.RefusedByKernel refused, Task tracee, long pages) {
    Account account = refused.account();
    long used = view.usedPages(account);
    reportDrift(tracee, account, pages, 0);
    return new ChargeRefusedException(
        Refusal.overLimit(policy.name(), account, pages, used, view.limitPages(account, tracer()))
            .withReason(
                "the kernel refused with " + refused.errno() + " what the policy admitted"));
  }

  private void reportDrift(Task tracee, Account account, long predicted, long actual) {
    if (predicted != actual) {
      log.event(
          new SideEvent.AccountingDrift(
              tracee.tid(), machine.now(), account.toString(), predicted, actual));
    }
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

  private final class Charged implements ChargedPages {
    private final Task tracee;
    private final ByteBuffer bytes;
    private final Receipt receipt;
    private final Placement placement;
    private final Map<Account, Long> heldBefore = new HashMap<>();

    Charged(Task tracee, ByteBuffer bytes, Receipt receipt, Placement placement) {
      this.tracee = tracee;
      this.bytes = bytes;
      this.receipt = receipt;
      this.placement = placement;
    }

    @Override
    public ByteBuffer bytes() {
      return bytes;
    }

    @Override
    public Receipt receipt() {
      return receipt;
    }

    /** Whoever paid may have left, and the kernel refunded it then. */
    private boolean payerIsGone() {
      return receipt.charges().stream()
          .anyMatch(
              charge ->
                  charge.account().owner() instanceof AccountOwner.AddressSpace mm
                      && machine.addressSpace(mm) == null);
    }

    @Override
    public void verify() {
      synchronized (machine) {
        for (Charge charge : payerIsGone() ? List.<Charge>of() : receipt.charges()) {
          long held = placement.heldPages(charge.account());
          Long before = heldBefore.put(charge.account(), held);
          if (before == null || before != held) {
            reportDrift(tracee, charge.account(), charge.pages(), held);
          }
        }
      }
    }

    @Override
    public void release() {
      synchronized (machine) {
        boolean gone = payerIsGone();
        List<Long> before = used(receipt.charges());
        try {
          placement.release();
        } finally {
          ledger.refund(receipt);
        }
        if (!gone) {
          compare(tracee, receipt.charges(), -1, before);
        }
      }
    }
  }
}
