package dev.bts.kernel;

import dev.bts.api.BufferInventory.Reclaimed;
import dev.bts.api.Explanation;
import dev.bts.api.LiveBuffer;
import dev.bts.api.Mechanism;
import dev.bts.api.TargetException;
import dev.bts.kernel.memory.Orphan;
import dev.bts.kernel.memory.RemoteCalls;
import dev.bts.kernel.memory.TraceePlace;
import dev.bts.kernel.ptrace.SharedPages;
import dev.bts.kernel.ptrace.TraceLoop;
import dev.bts.kernel.ptrace.Tracee;
import dev.bts.kernel.sys.ProcFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The freeing of orphans: the process that pays for them is seized, unmaps them itself, and is let
 * go. It does so on a thread of its own, because ptrace is about threads.
 */
final class Reclamation implements SessionThread.Work {
  /** Who frees memory of the dead needs none. */
  private static final SharedPages NO_PAGES =
      new SharedPages() {
        @Override
        public ByteBuffer allocate(Tracee tracee, @Nullable TraceePlace place, long pages) {
          throw new IllegalStateException("nothing is translated here");
        }

        @Override
        public void release(Tracee tracee) {
          // Nothing was allocated.
        }
      };

  private Reclamation() {}

  /** Frees the orphans of a process; see {@link dev.bts.api.BufferInventory#reclaim}. */
  static List<Reclaimed> in(int pid) {
    if (Orphan.in(pid).isEmpty() && Orphan.descriptors(pid).isEmpty()) {
      explainWhyNot(pid);
      return List.of();
    }
    SessionThread<Reclamation> thread = SessionThread.start("bts-reclaim", Reclamation::new);
    try {
      return thread.ask(work -> free(pid));
    } finally {
      thread.end();
    }
  }

  /** Fails unless there is just nothing to do. */
  private static void explainWhyNot(int pid) {
    String maps = ProcFile.shared(pid, "maps");
    if (ProcFile.statusField(pid, "State").isEmpty()) {
      throw refused(pid, "there is no such process", "see ps(1)");
    }
    if (ProcFile.isDenied(maps)) {
      throw refused(
          pid,
          maps + " cannot be read: the process belongs to somebody else",
          "reclaim from a process of your own, or run as root");
    }
    for (LiveBuffer buffer : Orphan.othersIn(pid)) {
      throw refused(
          pid,
          "the buffer of "
              + buffer.pages()
              + " pages there is no orphan ("
              + buffer.ownerReason()
              + ")",
          buffer.owner() == LiveBuffer.Owner.ALIVE
              ? "end the bts that uses it"
              : "it goes when process " + pid + " ends");
    }
  }

  private static List<Reclaimed> free(int pid) {
    List<Reclaimed> reclaimed = new ArrayList<>();
    try (TraceLoop loop = new TraceLoop(Mechanism.NONE, new Unobserved(), NO_PAGES, false, false)) {
      try {
        RemoteCalls calls = loop.callsOf(loop.attach(pid));
        // Only now nobody else can be at it.
        for (Orphan orphan : Orphan.in(pid)) {
          LiveBuffer buffer = orphan.describe();
          long before = lockedPages(pid);
          orphan.free(calls);
          reclaimed.add(new Reclaimed(buffer, pid, before, lockedPages(pid)));
        }
        Orphan.closeDescriptors(calls);
      } finally {
        loop.detachAll();
      }
    }
    return reclaimed;
  }

  private static long lockedPages(int pid) {
    return ProcFile.sharedPages(pid, "VmLck");
  }

  private static TargetException refused(int pid, String obstacle, String remedy) {
    return new TargetException(
        new Explanation("reclaim the buffers of process " + pid, obstacle, remedy));
  }

  @Override
  public boolean isWaiting() {
    return false;
  }

  @Override
  public void once() {
    throw new IllegalStateException("there is nothing to wait for");
  }
}
