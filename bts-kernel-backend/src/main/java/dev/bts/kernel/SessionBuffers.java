package dev.bts.kernel;

import dev.bts.api.BufferSpec;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.OnRefusal;
import dev.bts.api.Overflow;
import dev.bts.api.TraceRequest;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Ledger;
import dev.bts.api.charging.Receipt;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.api.record.BranchBuffer;
import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.RecordStream;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;
import dev.bts.kernel.memory.ChargedMemory;
import dev.bts.kernel.memory.KernelPlaces;
import dev.bts.kernel.memory.KernelTasks;
import dev.bts.kernel.memory.RemoteCalls;
import dev.bts.kernel.ptrace.Tracee;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The branch buffers of a session: which process records where, and who paid for it.
 *
 * <p>Where the tracer's side pays, one buffer serves all processes, because one thread fills it.
 * Where tracees pay, each address space has its own.
 */
final class SessionBuffers {
  /** What {@link BufferSpec#AUTO} asks for if nothing stands in the way. */
  static final long AUTO_BYTES = 1 << 20;

  /** The part of a buffer that is still free when the interrupt threshold is reached. */
  private static final int FREE_FRACTION = 16;

  /** A buffer, and the process whose address space pays for it; null if the tracer's side does. */
  private static final class Slot {
    final RecordStream stream = new RecordStream();
    @Nullable Tracee payer;
    @Nullable ChargedMemory memory;

    Slot(@Nullable Tracee payer) {
      this.payer = payer;
    }
  }

  private final TraceRequest request;
  private final ChargingPolicy policy;
  private final Ledger ledger;
  private final TaskIdentity tracer = KernelTasks.self();
  private final Function<Tracee, RemoteCalls> callsOf;
  private final List<Slot> slots = new ArrayList<>();
  private final List<Receipt> receipts = new ArrayList<>();

  /** Events from before the first stream exists. */
  private final List<SideEvent> early = new ArrayList<>();

  private long sizeBytes;
  private boolean recording = true;
  private boolean traceesPay;
  private long peakPages;

  SessionBuffers(
      TraceRequest request,
      ChargingPolicy policy,
      Ledger ledger,
      Function<Tracee, RemoteCalls> callsOf) {
    this.request = request;
    this.policy = policy;
    this.ledger = ledger;
    this.callsOf = callsOf;
  }

  /**
   * Makes the session's first buffer.
   *
   * @throws ChargeRefusedException if the payer cannot pay
   */
  void open(Tracee first, long askedBytes) {
    ChargedMemory memory =
        askedBytes == BufferSpec.AUTO ? charge(first) : charge(first, askedBytes);
    sizeBytes = memory == null ? 0 : memory.receipt().pages() * BufferSpec.PAGE_BYTES;
    Slot slot = new Slot(null);
    slots.add(slot);
    early.forEach(slot.stream::event);
    early.clear();
    fill(slot, memory);
    notePayer(slot, first);
    first.setStream(recording ? slot.stream : null);
  }

  /** Finds out from a receipt whether it is the tracee that pays. */
  private void notePayer(Slot slot, Tracee tracee) {
    ChargedMemory memory = slot.memory;
    AccountOwner mm = identify(tracee).mm();
    if (memory != null
        && !mm.equals(tracer.mm())
        && memory.receipt().charges().stream().anyMatch(c -> c.account().owner().equals(mm))) {
      traceesPay = true;
      slot.payer = tracee;
    }
  }

  /** The largest buffer up to the default that the payer can pay for. */
  private @Nullable ChargedMemory charge(Tracee tracee) {
    try {
      return charge(tracee, AUTO_BYTES);
    } catch (ChargeRefusedException refused) {
      long fits = refused.refusal().fittingPages() * BufferSpec.PAGE_BYTES;
      if (fits <= 0 || fits >= AUTO_BYTES) {
        throw refused;
      }
      return charge(tracee, fits);
    }
  }

  private @Nullable ChargedMemory charge(Tracee tracee, long bytes) {
    if (bytes == 0) {
      return null;
    }
    RemoteCalls calls = callsOf.apply(tracee);
    ChargedMemory memory =
        ChargedMemory.open(
            ledger,
            policy,
            new ChargeRequest(
                tracer, identify(tracee), BufferSpec.pages(bytes), request.chargeOther()),
            new KernelPlaces(calls, request.strict()),
            "branch buffer of pid " + tracee.pid(),
            this::event);
    receipts.add(memory.receipt());
    peakPages = Math.max(peakPages, chargedPages() + memory.receipt().pages());
    return memory;
  }

  private static TaskIdentity identify(Tracee tracee) {
    return KernelTasks.identify(tracee.pid(), (int) tracee.execs());
  }

  private void fill(Slot slot, @Nullable ChargedMemory memory) {
    slot.memory = memory;
    if (memory == null) {
      slot.stream.setBuffer(null, now());
      return;
    }
    java.nio.ByteBuffer bytes = memory.bytes();
    long free =
        request.buffer().overflow() == Overflow.DRAIN
            ? bytes.remaining() / dev.bts.api.record.Bts24.RECORD_BYTES / FREE_FRACTION
            : 0;
    slot.stream.setBuffer(new BranchBuffer(bytes, request.buffer().overflow(), free), now());
    slot.stream.event(new SideEvent.Charged(0, now(), memory.receipt()));
  }

  /**
   * Gives a process a place to record: one that came under control, or has a new address space.
   *
   * @param arrival what happened, put into the process's stream before anything else
   * @return whether the process is to be traced
   */
  boolean assign(Tracee tracee, SideEvent arrival) {
    if (slots.isEmpty()) {
      early.add(arrival);
      return true;
    }
    Slot slot = traceesPay ? slotOf(tracee.sharing()) : slots.get(0);
    if (slot != null) {
      slot.stream.event(arrival);
    } else {
      slot = new Slot(tracee);
      slot.stream.event(arrival);
      try {
        fill(slot, charge(tracee, sizeBytes));
        slots.add(slot);
      } catch (ChargeRefusedException refused) {
        slot = refusedSlot(slot, refused);
      }
    }
    if (slot == null) {
      return false;
    }
    tracee.setStream(recording ? slot.stream : null);
    return true;
  }

  private @Nullable Slot slotOf(@Nullable Tracee payer) {
    for (Slot slot : slots) {
      if (payer != null && slot.payer == payer && slot.memory != null) {
        return slot;
      }
    }
    return null;
  }

  private @Nullable Slot refusedSlot(Slot without, ChargeRefusedException refused) {
    OnRefusal behaviour = request.onRefusal();
    if (behaviour == OnRefusal.FAIL) {
      throw refused;
    }
    // What was said of the process so far stays in the trace.
    slots.add(without);
    if (behaviour == OnRefusal.STOP) {
      return null;
    }
    if (behaviour == OnRefusal.SHARE) {
      for (Slot slot : slots) {
        if (slot.memory != null) {
          return slot;
        }
      }
    }
    // Nothing that is paid for is left to share: the loss is counted and marked.
    return without;
  }

  /** Puts a side event into the stream of a process. */
  void event(Tracee tracee, SideEvent event) {
    RecordStream stream = tracee.stream();
    if (stream != null) {
      stream.event(event);
    } else {
      event(event);
    }
  }

  /** Puts a side event that concerns no process in particular into the stream. */
  void event(SideEvent event) {
    if (slots.isEmpty()) {
      early.add(event);
    } else {
      slots.get(0).stream.event(event);
    }
  }

  /** Switches recording on or off (PTRACE_BTS_O_TRACE). */
  void setRecording(boolean on, List<Tracee> tracees) {
    recording = on;
    for (Tracee tracee : tracees) {
      if (!on) {
        tracee.setStream(null);
      } else if (tracee.stream() == null) {
        Slot own = slotOf(tracee);
        tracee.setStream((own == null ? slots.get(0) : own).stream);
      }
    }
  }

  boolean recording() {
    return recording;
  }

  /** Returns the size of a buffer in bytes, whole pages. */
  long sizeBytes() {
    return sizeBytes;
  }

  /**
   * Replaces all buffers by ones of another size. New ones are charged before old ones are freed,
   * so that a refusal leaves everything as it was.
   *
   * @throws ChargeRefusedException if a payer cannot pay
   */
  void resize(long bytes, List<Tracee> tracees) {
    Map<Slot, @Nullable ChargedMemory> fresh = new LinkedHashMap<>();
    try {
      for (Slot slot : slots) {
        Tracee payer = slot.payer != null ? slot.payer : tracees.get(0);
        if (tracees.contains(payer)) {
          fresh.put(slot, charge(payer, bytes));
        }
      }
    } catch (ChargeRefusedException refused) {
      for (ChargedMemory memory : fresh.values()) {
        if (memory != null) {
          memory.release();
        }
      }
      throw refused;
    }
    for (Slot slot : fresh.keySet()) {
      free(slot, false);
      fill(slot, fresh.get(slot));
      notePayer(slot, slot.payer != null ? slot.payer : tracees.get(0));
    }
    sizeBytes = BufferSpec.pages(bytes) * BufferSpec.PAGE_BYTES;
  }

  /**
   * Ends what a process pays for, because its address space is gone or is about to be let go.
   *
   * @param gone whether the kernel has taken the memory back already
   */
  void payerLeaves(Tracee tracee, boolean gone, @Nullable TraceSink drainTo) {
    for (Slot slot : slots) {
      if (slot.payer == tracee && slot.memory != null) {
        if (drainTo != null) {
          slot.stream.drainTo(drainTo, now());
        }
        free(slot, gone);
      }
    }
  }

  /** Frees every buffer that is left; its records go to the sink, or stay readable. */
  void releaseAll(@Nullable TraceSink drainTo) {
    try {
      if (drainTo != null) {
        drain(drainTo);
      }
    } finally {
      for (Slot slot : slots) {
        free(slot, slot.payer != null);
      }
    }
    if (drainTo != null) {
      drain(drainTo);
    }
  }

  private static void free(Slot slot, boolean payerIsGone) {
    ChargedMemory memory = slot.memory;
    if (memory == null) {
      return;
    }
    slot.memory = null;
    slot.stream.retain();
    if (payerIsGone) {
      memory.payerIsGone();
    } else {
      memory.release();
    }
    slot.stream.event(new SideEvent.Refunded(0, now(), memory.receipt()));
  }

  /** Hands everything to a sink. */
  long drain(TraceSink sink) {
    long records = 0;
    for (Slot slot : slots) {
      records += slot.stream.drainTo(sink, now());
    }
    return records;
  }

  void clear() {
    for (Slot slot : slots) {
      slot.stream.clear(now());
    }
  }

  long size() {
    long records = 0;
    for (Slot slot : slots) {
      records += slot.stream.size();
    }
    return records;
  }

  BranchRecord get(long newestFirst) {
    java.util.Objects.checkIndex(newestFirst, size());
    long index = newestFirst;
    for (int i = slots.size() - 1; ; i--) {
      RecordStream stream = slots.get(i).stream;
      if (index < stream.size()) {
        return stream.get(index);
      }
      index -= stream.size();
    }
  }

  long stored() {
    return slots.stream().mapToLong(slot -> slot.stream.stored()).sum();
  }

  long lost() {
    return slots.stream().mapToLong(slot -> slot.stream.lost()).sum();
  }

  long chargedPages() {
    long pages = 0;
    for (Slot slot : slots) {
      ChargedMemory memory = slot.memory;
      pages += memory == null ? 0 : memory.receipt().pages();
    }
    return pages;
  }

  long peakPages() {
    return peakPages;
  }

  List<Receipt> receipts() {
    return List.copyOf(receipts);
  }

  private static long now() {
    return System.nanoTime();
  }
}
