package dev.bts.kernel;

import dev.bts.accounting.buffers.ChargedPages;
import dev.bts.accounting.buffers.PageSupply;
import dev.bts.api.ChargeRefusedException;
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
import dev.bts.kernel.memory.TraceePlace;
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
  /** What the names of memory for translated code begin with. */
  private static final String TRANSLATED_CODE = Receipt.TRANSLATED_CODE + " of pid ";

  private final TraceRequest request;
  private final ChargingPolicy policy;
  private final Ledger ledger;
  private final StreamLog log;
  private final Function<Tracee, TraceeCalls> callsOf;
  private final TaskIdentity tracer = KernelTasks.self();

  /** The address spaces of tracees, each once it was asked for and until it is gone. */
  private final Map<Tracee, AccountOwner.AddressSpace> memories = new HashMap<>();

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
    AccountOwner.AddressSpace memory = memories.get(tracee);
    TaskIdentity now = KernelTasks.identify(tracee.pid(), (int) tracee.execs());
    if (memory == null) {
      memory = memoryOfSharer(tracee);
      memories.put(tracee, memory == null ? now.mm() : memory);
    }
    // Who a task is can change at any time, by setuid; what memory it has only by exec.
    return memory == null ? now : new TaskIdentity(memory, now.principal(), now.group());
  }

  /** A vforked child uses its parent's address space, which has one identity. */
  private AccountOwner.@Nullable AddressSpace memoryOfSharer(Tracee tracee) {
    for (Map.Entry<Tracee, AccountOwner.AddressSpace> other : memories.entrySet()) {
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
    return charge(
        tracee,
        pages,
        new KernelPlaces(callsOf.apply(tracee), request.strict()),
        "branch buffer of pid ");
  }

  /**
   * Charges memory for the translated code of a tracee, which stands.
   *
   * @param place where the tracee has it, null if it does not use it
   */
  ChargedPages chargeForTranslation(Tracee tracee, @Nullable TraceePlace place, long pages) {
    TraceeCalls calls = callsOf.apply(tracee);
    KernelPlaces places =
        place == null
            ? new KernelPlaces(calls, request.strict())
            : KernelPlaces.sharedWith(calls, place, request.strict());
    try {
      return charge(tracee, pages, places, TRANSLATED_CODE);
    } catch (ChargeRefusedException refused) {
      throw new ChargeRefusedException(refused.refusal().ofTranslatedCode());
    }
  }

  private ChargedPages charge(Tracee tracee, long pages, KernelPlaces places, String what) {
    TaskIdentity identity = identify(tracee);
    return new Charged(
        identity.mm(),
        ChargedMemory.open(
            ledger,
            policy,
            new ChargeRequest(tracer, identity, pages, request.chargeOther()),
            places,
            what + tracee.pid(),
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
      return Optional.of(new Charged(payer, memory));
    }
    return Optional.empty();
  }

  /**
   * Returns the address space that a process would pay with, null if it has not been asked for, or
   * is another process's.
   */
  AccountOwner.@Nullable AddressSpace ownMemory(Tracee tracee) {
    AccountOwner.AddressSpace memory = memories.get(tracee);
    return memory != null && memory.pid() == tracee.pid() ? memory : null;
  }

  /** A process is let go, or its address space is gone: who shares it is identified anew. */
  void forget(Tracee tracee) {
    AccountOwner.AddressSpace memory = memories.remove(tracee);
    if (memory != null && memory.pid() == tracee.pid()) {
      memories.values().removeIf(memory::equals);
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
      return traceePays && !memories.containsValue(traceeMemory);
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
