package dev.bts.kernel;

import dev.bts.accounting.buffers.ChargedPages;
import dev.bts.accounting.buffers.PageSupply;
import dev.bts.api.TraceRequest;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Ledger;
import dev.bts.api.charging.Receipt;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.api.record.StreamLog;
import dev.bts.kernel.memory.ChargedMemory;
import dev.bts.kernel.memory.KernelPlaces;
import dev.bts.kernel.memory.KernelTasks;
import dev.bts.kernel.memory.Orphan;
import dev.bts.kernel.ptrace.Tracee;
import dev.bts.kernel.ptrace.TraceeCalls;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Memory that the real kernel charges, and the address spaces of the tracees that may pay for it.
 * Used on the session's thread.
 */
final class KernelPages implements PageSupply<Tracee> {
  private final TraceRequest request;
  private final ChargingPolicy policy;
  private final Ledger ledger;
  private final StreamLog log;
  private final Function<Tracee, TraceeCalls> callsOf;
  private final TaskIdentity tracer = KernelTasks.self();

  /** The tracees whose address space is there, each once it was asked for. */
  private final Map<Tracee, TaskIdentity> identities = new HashMap<>();

  KernelPages(
      TraceRequest request,
      ChargingPolicy policy,
      Ledger ledger,
      StreamLog log,
      Function<Tracee, TraceeCalls> callsOf) {
    this.request = request;
    this.policy = policy;
    this.ledger = ledger;
    this.log = log;
    this.callsOf = callsOf;
  }

  @Override
  public TaskIdentity tracer() {
    return tracer;
  }

  @Override
  public TaskIdentity identify(Tracee tracee) {
    TaskIdentity known = identities.get(tracee);
    if (known == null) {
      known = identityOfSharer(tracee);
      if (known == null) {
        known = KernelTasks.identify(tracee.pid(), (int) tracee.execs());
      }
      identities.put(tracee, known);
    }
    return known;
  }

  /** A vforked child uses its parent's address space, which has one identity. */
  private @Nullable TaskIdentity identityOfSharer(Tracee tracee) {
    for (Map.Entry<Tracee, TaskIdentity> other : identities.entrySet()) {
      if (other.getKey().sharesMemoryWith(tracee)) {
        return other.getValue();
      }
    }
    return null;
  }

  @Override
  public int tid(Tracee tracee) {
    return tracee.pid();
  }

  @Override
  public boolean isReachable(Tracee tracee) {
    return callsOf.apply(tracee).areReachable();
  }

  @Override
  public ChargedPages charge(Tracee tracee, long pages) {
    TaskIdentity identity = identify(tracee);
    return new Charged(
        identity.mm(),
        ChargedMemory.open(
            ledger,
            policy,
            new ChargeRequest(tracer, identity, pages, request.chargeOther()),
            new KernelPlaces(callsOf.apply(tracee), request.strict()),
            "branch buffer of pid " + tracee.pid(),
            log::event));
  }

  @Override
  public Optional<ChargedPages> adopt(Tracee tracee) {
    for (Orphan orphan : Orphan.in(tracee.pid())) {
      AccountOwner.AddressSpace payer = identify(tracee).mm();
      ChargedMemory memory =
          ChargedMemory.adopt(
              ledger,
              orphan,
              callsOf.apply(tracee),
              payer,
              "branch buffer of pid " + tracee.pid(),
              log::event);
      return Optional.of(new Charged(tracee, payer, memory));
    }
    return Optional.empty();
  }

  /**
   * Returns the address space that a process would pay with, null if it has not been asked for, or
   * is another process's.
   */
  AccountOwner.@Nullable AddressSpace ownMemory(Tracee tracee) {
    TaskIdentity identity = identities.get(tracee);
    return identity != null && identity.mm().pid() == tracee.pid() ? identity.mm() : null;
  }

  /** A process is let go, or its address space is gone: who shares it is identified anew. */
  void forget(Tracee tracee) {
    TaskIdentity identity = identities.remove(tracee);
    if (identity != null && identity.mm().pid() == tracee.pid()) {
      identities.values().removeIf(other -> other.mm().equals(identity.mm()));
    }
  }

  private final class Charged implements ChargedPages {
    private final AccountOwner.AddressSpace traceeMemory;
    private final ChargedMemory memory;

    Charged(AccountOwner.AddressSpace traceeMemory, ChargedMemory memory) {
      this.traceeMemory = traceeMemory;
      this.memory = memory;
    }

    @Override
    public ByteBuffer bytes() {
      return memory.bytes();
    }

    @Override
    public Receipt receipt() {
      return memory.receipt();
    }

    @Override
    public void verify() {
      if (!payerIsGone()) {
        memory.verify();
      }
    }

    private boolean payerIsGone() {
      boolean traceePays =
          receipt().charges().stream().anyMatch(c -> c.account().owner().equals(traceeMemory));
      return traceePays && identities.values().stream().noneMatch(this::isOfPayer);
    }

    private boolean isOfPayer(TaskIdentity identity) {
      return identity.mm().equals(traceeMemory);
    }

    @Override
    public void release() {
      if (payerIsGone()) {
        memory.payerIsGone();
      } else {
        memory.release();
      }
    }
  }
}
