package dev.bts.kernel;

import dev.bts.accounting.buffers.ChargedPages;
import dev.bts.api.charging.Receipt;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.StreamLog;
import dev.bts.kernel.memory.TraceePlace;
import dev.bts.kernel.ptrace.SharedPages;
import dev.bts.kernel.ptrace.Tracee;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The memory of translated code: charged by the session's policy like its buffers, and refunded
 * when the address space that it is mapped in is let go or gone. Used on the session's thread.
 */
final class TranslationPages implements SharedPages {
  private final KernelPages pages;
  private final StreamLog log;
  private final Map<Tracee, List<ChargedPages>> charged = new HashMap<>();
  private final List<Receipt> receipts = new ArrayList<>();
  private long chargedPages;
  private long peakPages;

  TranslationPages(KernelPages pages, StreamLog log) {
    this.pages = pages;
    this.log = log;
  }

  @Override
  public ByteBuffer allocate(Tracee tracee, @Nullable TraceePlace place, long count) {
    ChargedPages memory = pages.chargeForTranslation(tracee, place, count);
    charged.computeIfAbsent(tracee, none -> new ArrayList<>()).add(memory);
    receipts.add(memory.receipt());
    chargedPages += count;
    peakPages = Math.max(peakPages, chargedPages);
    log.event(new SideEvent.Charged(tracee.pid(), System.nanoTime(), memory.receipt()));
    return memory.bytes();
  }

  /** Refunds what is charged for a process, also if it has lost its address space. */
  @Override
  public void release(Tracee tracee) {
    List<ChargedPages> held = charged.remove(tracee);
    if (held == null) {
      return;
    }
    RuntimeException failure = null;
    for (ChargedPages memory : held) {
      chargedPages -= memory.receipt().pages();
      try {
        memory.release();
      } catch (RuntimeException failed) {
        failure = failure == null ? failed : failure;
      }
      log.event(new SideEvent.Refunded(tracee.pid(), System.nanoTime(), memory.receipt()));
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Returns the receipts of everything that was ever charged. */
  List<Receipt> receipts() {
    return List.copyOf(receipts);
  }

  long chargedPages() {
    return chargedPages;
  }

  long peakPages() {
    return peakPages;
  }
}
