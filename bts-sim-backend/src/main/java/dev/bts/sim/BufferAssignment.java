package dev.bts.sim;

import dev.bts.api.BtsException;
import dev.bts.api.BufferSpec;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.KernelException;
import dev.bts.api.OnRefusal;
import dev.bts.sim.kernel.AddressSpace;
import dev.bts.sim.kernel.Machine;
import dev.bts.sim.kernel.Task;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which tracee is recorded into which buffer, from the first allocation to the last refund, and
 * what happens when a payer refuses in mid-session.
 *
 * <p>A failure in mid-session is kept for the session to find after the step, because a step cannot
 * be left halfway.
 */
final class BufferAssignment {
  /** Why branches are lost before there is a buffer. */
  static final String NO_BUFFER = "there was no buffer";

  /**
   * How many buffers of address spaces that are gone stay readable. Each may hold as many records
   * as one that is in use, in memory that nobody is charged for any more.
   */
  private static final int MAX_RETIRED_BUFFERS = 8;

  private final Machine machine;
  private final StreamLog log;
  private final BufferPool pool;
  private final OnRefusal onRefusal;
  private final Collection<Tracee> tracees;
  private final ArrayDeque<TraceBuffer> retired = new ArrayDeque<>();
  private long bufferPages;
  private @Nullable BtsException failure;

  /**
   * Creates the assignment.
   *
   * @param tracees a live view of the tracees
   */
  BufferAssignment(
      Machine machine,
      StreamLog log,
      BufferPool pool,
      OnRefusal onRefusal,
      Collection<Tracee> tracees) {
    this.machine = machine;
    this.log = log;
    this.pool = pool;
    this.onRefusal = onRefusal;
    this.tracees = tracees;
  }

  /** Returns the size of each buffer. */
  long bufferBytes() {
    return bufferPages * BufferSpec.PAGE_BYTES;
  }

  /** Returns what makes the session fail, null if nothing does. */
  @Nullable BtsException failure() {
    return failure;
  }

  /**
   * Allocates the first buffer; {@link BufferSpec#AUTO} takes what fits, zero takes none.
   *
   * @throws ChargeRefusedException if the payer refuses
   */
  void allocate(long sizeBytes) {
    Task first = tracees.iterator().next().task();
    if (sizeBytes == BufferSpec.AUTO) {
      bufferPages = pool.allocateAuto(first).receipt().pages();
    } else if (sizeBytes > 0) {
      bufferPages = BufferSpec.pages(sizeBytes);
      pool.allocate(first, bufferPages);
    }
    assignThoseThatLose();
  }

  /**
   * Replaces all buffers by ones of another size, all or none; zero frees them. What they held is
   * gone.
   *
   * @throws ChargeRefusedException if a payer refuses; nothing has changed
   */
  void resize(long pages) {
    List<TraceBuffer> old = pool.all();
    if (pages == 0) {
      recorded().forEach(tracee -> tracee.lose(NO_BUFFER));
    } else if (old.isEmpty()) {
      tracees.stream()
          .filter(tracee -> tracee.lostBecause() != null)
          .findFirst()
          .ifPresent(tracee -> pool.allocate(tracee.task(), pages));
    } else {
      Map<TraceBuffer, TraceBuffer> replacements = replacements(old, pages);
      for (Tracee tracee : recorded()) {
        TraceBuffer replacement = replacements.get(tracee.buffer());
        if (replacement != null) {
          tracee.recordInto(replacement);
        }
      }
    }
    bufferPages = pages;
    old.forEach(log::discard);
    old.forEach(pool::release);
    retired.forEach(log::discard);
    retired.clear();
    assignThoseThatLose();
  }

  private List<Tracee> recorded() {
    return tracees.stream().filter(tracee -> tracee.buffer() != null).toList();
  }

  /** Allocates a buffer of the new size for each old one that somebody uses, all or none. */
  private Map<TraceBuffer, TraceBuffer> replacements(List<TraceBuffer> old, long pages) {
    Map<TraceBuffer, Task> payers = new HashMap<>();
    for (TraceBuffer buffer : old) {
      tracees.stream()
          .filter(tracee -> tracee.buffer() == buffer)
          .map(Tracee::task)
          .min(Comparator.comparing(task -> pool.paidFor(task) != buffer))
          .ifPresent(task -> payers.put(buffer, task));
    }
    Map<TraceBuffer, TraceBuffer> replacements = new HashMap<>();
    boolean complete = false;
    try {
      for (TraceBuffer buffer : old) {
        Task payer = payers.get(buffer);
        if (payer != null) {
          replacements.put(buffer, pool.allocate(payer, pages));
        }
      }
      complete = true;
    } finally {
      if (!complete) {
        replacements.values().forEach(pool::release);
      }
    }
    return replacements;
  }

  private void assignThoseThatLose() {
    for (Tracee tracee : tracees) {
      if (tracee.lostBecause() != null) {
        assign(tracee, pool.any());
      }
    }
  }

  /**
   * Finds a buffer for a tracee that has none, or does what the request says on refusal.
   *
   * @param parents the buffer to share then, null for any
   */
  void assign(Tracee tracee, @Nullable TraceBuffer parents) {
    if (bufferPages == 0) {
      tracee.lose(NO_BUFFER);
      return;
    }
    try {
      TraceBuffer paid = pool.paidFor(tracee.task());
      tracee.recordInto(paid != null ? paid : pool.allocate(tracee.task(), bufferPages));
    } catch (ChargeRefusedException refused) {
      refused(tracee, parents, refused);
    } catch (KernelException e) {
      tracee.lose(e.explanation().obstacle());
      failure = e;
    }
  }

  private void refused(
      Tracee tracee, @Nullable TraceBuffer parents, ChargeRefusedException refused) {
    String reason = "no buffer for it: " + refused.explanation();
    switch (onRefusal) {
      case SHARE -> {
        TraceBuffer shared = parents != null ? parents : pool.any();
        if (shared != null) {
          tracee.recordInto(shared);
        } else {
          tracee.lose(reason);
        }
      }
      case LOSE -> tracee.lose(reason);
      case STOP -> {
        tracee.leaveAlone();
        log.note(tracee.task().tid(), machine.now(), "not recorded from here on, " + reason);
      }
      case FAIL -> {
        tracee.lose(reason);
        failure = refused;
      }
    }
  }

  /**
   * An address space that is gone pays no longer: its buffers are refunded, and who recorded into
   * them finds others. Their records stay readable, in memory that is no longer locked.
   */
  void retireBuffersOf(AddressSpace mm) {
    if (mm.isAlive()) {
      return;
    }
    for (TraceBuffer buffer : pool.paidBy(mm.identity())) {
      pool.release(buffer);
      retired.addLast(buffer);
      if (retired.size() > MAX_RETIRED_BUFFERS) {
        log.giveUp(retired.removeFirst());
      }
      for (Tracee tracee : tracees) {
        if (tracee.buffer() == buffer) {
          assign(tracee, null);
        }
      }
    }
  }
}
