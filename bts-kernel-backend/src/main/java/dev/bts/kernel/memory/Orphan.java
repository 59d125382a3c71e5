package dev.bts.kernel.memory;

import dev.bts.api.BufferSpec;
import dev.bts.api.KernelException;
import dev.bts.api.LiveBuffer;
import dev.bts.api.TargetException;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.Charge;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.Sys;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A buffer that a dead tracer has left in the process that pays for it, or memory of translated
 * code that it has left in the process that executes it, whoever paid.
 *
 * <p>Only who traces the process takes one over: then nobody else does, and nobody who lives can
 * own it, whatever its bytes say.
 */
public final class Orphan {
  private static final String LINK_PREFIX = "/memfd:bts:";

  private final BufferHolder holder;
  private final FoundBuffer found;

  private Orphan(BufferHolder holder, FoundBuffer found) {
    this.holder = holder;
    this.found = found;
  }

  /** Returns the orphans that a process has mapped. */
  public static List<Orphan> in(int pid) {
    List<Orphan> orphans = new ArrayList<>();
    for (BufferHolder holder : BufferHolder.in(pid)) {
      FoundBuffer found = new FoundBuffer(List.of(holder));
      boolean inUseHere = holder.place().equals("tracee") || !found.isForRecords();
      if (inUseHere && found.isOrphan()) {
        orphans.add(new Orphan(holder, found));
      }
    }
    return orphans;
  }

  /** Returns the buffers that a process has mapped and that are no orphans. */
  public static List<LiveBuffer> othersIn(int pid) {
    return BufferHolder.in(pid).stream()
        .map(holder -> new FoundBuffer(List.of(holder)))
        .filter(found -> !found.isOrphan())
        .map(FoundBuffer::describe)
        .toList();
  }

  /** Returns what it is. */
  public LiveBuffer describe() {
    return found.describe();
  }

  /**
   * Unmaps it.
   *
   * @param tracee executes calls in the process
   * @throws dev.bts.api.KernelException if it was not unmapped
   */
  public void free(RemoteCalls tracee) {
    TraceeMemory.ofOrphan(holder, tracee, null).release();
  }

  /**
   * Takes it over. It can be recorded into if it is whole and the kernel lets this process map it,
   * which takes CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE: nobody has a descriptor of it any more.
   *
   * @param tracee executes calls in the process
   * @return memory whose bytes are none if nothing can be recorded there
   */
  BufferMemory adopt(RemoteCalls tracee) {
    closeDescriptors(tracee);
    BufferView view = found.isForRecords() && isWhole() ? mapHere() : null;
    if (view != null) {
      view.own(BufferHeader.ofThisProcess(found.policy(), holder.pages() * Mapping.PAGE_BYTES));
    }
    return TraceeMemory.ofOrphan(holder, tracee, view);
  }

  /** The tracee may have cut off, unlocked or exchanged any part of it. */
  private boolean isWhole() {
    return holder.pieces().size() == 1
        && holder.pieces().get(0).fileOffset() == 0
        && holder.lockedPages() == holder.pages()
        && holder.pages() <= BufferSpec.MAX_BYTES / BufferSpec.PAGE_BYTES;
  }

  private @Nullable BufferView mapHere() {
    MapsEntry piece = holder.pieces().get(0);
    long bytes = holder.pages() * Mapping.PAGE_BYTES;
    String link =
        "map_files/" + Long.toHexString(piece.start()) + "-" + Long.toHexString(piece.end());
    try (ForeignMemfd opened = ForeignMemfd.open(holder.pid(), link, bytes)) {
      return opened.inode() == piece.inode() ? BufferView.of(opened.descriptor(), bytes) : null;
    } catch (KernelException | TargetException notForUs) {
      // Then it is freed and a new one made, and the side events say so.
      return null;
    }
  }

  /** Returns what it is charged for now, to those whose address space it is in. */
  List<Charge> charges(AccountOwner.AddressSpace payer) {
    return List.of(
        new Charge(Account.totalVm(payer), holder.pages()),
        new Charge(Account.lockedVm(payer), holder.lockedPages()));
  }

  String policy() {
    return found.policy();
  }

  /** Returns the descriptors that a process has of buffers: those a tracer that died left open. */
  public static List<Integer> descriptors(int pid) {
    List<Integer> open = new ArrayList<>();
    String[] numbers = new File(ProcFile.shared(pid, "fd")).list();
    if (numbers != null) {
      for (String number : numbers) {
        if (ProcFile.link(pid, "fd/" + number).startsWith(LINK_PREFIX)) {
          open.add(Integer.parseInt(number));
        }
      }
    }
    return open;
  }

  /** Closes them, by calls that the process executes. */
  public static void closeDescriptors(RemoteCalls tracee) {
    for (int descriptor : descriptors(tracee.pid())) {
      tracee.call(Sys.CLOSE, descriptor, 0, 0, 0, 0, 0);
    }
  }
}
