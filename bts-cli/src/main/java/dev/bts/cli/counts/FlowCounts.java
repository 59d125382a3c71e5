package dev.bts.cli.counts;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.Bts24;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.symbols.AddressSpaces;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts branches, and the straight stretches of code that ran between two branches of a thread.
 * They are handed over in sums when they are many, or when what their addresses mean is about to
 * change; the address spaces are then still those of the counts.
 */
public final class FlowCounts {
  /** Distinct pairs of one process that are counted before they are handed over. */
  private static final int PAIRS_MAX = 1 << 20;

  private static final int THREADS_MAX = 1 << 16;

  private final AddressSpaces spaces;
  private final Consumer consumer;
  private final Map<Integer, Sums> processes = new HashMap<>();
  private final Map<Integer, Position> positions = new HashMap<>();

  /** Creates counts over address spaces that {@link #event} keeps up to date. */
  public FlowCounts(AddressSpaces spaces, Consumer consumer) {
    this.spaces = spaces;
    this.consumer = consumer;
  }

  /** Is given sums. */
  public interface Consumer {
    /** Takes how often a branch was taken, and how often it was not predicted so. */
    void branch(int pid, long from, long to, long count, long mispredicted);

    /** Takes how often code ran from {@code start} up to and with the branch at {@code end}. */
    void straight(int pid, long start, long end, long count);
  }

  private static final class Sums {
    private final PairTable branches = new PairTable();
    private final PairTable straights = new PairTable();
  }

  /** Where a thread went on after its last branch; unknown at first and after a gap. */
  private static final class Position {
    private boolean known;
    private long address;
  }

  /** Takes branches. */
  public void branches(BranchCursor cursor) {
    int tid = 0;
    int pid = 0;
    Position position = null;
    Sums process = null;
    while (cursor.next()) {
      if (position == null || process == null || cursor.tid() != tid) {
        tid = cursor.tid();
        pid = spaces.pid(tid);
        position = position(tid);
        process = processes.computeIfAbsent(pid, p -> new Sums());
      }
      long from = cursor.from();
      long to = cursor.to();
      if (position.known && Long.compareUnsigned(position.address, from) <= 0) {
        process.straights.add(position.address, from, 1, 0);
      }
      boolean predicted = (cursor.flags() & Bts24.FLAG_PREDICTED) != 0;
      process.branches.add(from, to, 1, predicted ? 0 : 1);
      position.address = to;
      position.known = true;
      if (process.branches.size() >= PAIRS_MAX || process.straights.size() >= PAIRS_MAX) {
        hand(pid, process);
      }
    }
  }

  /** Takes a side event. */
  public void event(SideEvent event) {
    if (event instanceof SideEvent.Exec e) {
      hand(e.pid(), processes.get(e.pid()));
      positions.remove(e.tid());
    } else if (event instanceof SideEvent.Mapped e) {
      hand(e.pid(), processes.get(e.pid()));
    } else if (event instanceof SideEvent.ProcessStarted e) {
      hand(e.pid(), processes.get(e.pid()));
      positions.remove(e.tid());
    } else if (event instanceof SideEvent.Sampled
        || event instanceof SideEvent.Signalled
        || event instanceof SideEvent.ThreadExited) {
      positions.remove(event.tid());
    } else if (event instanceof SideEvent.Lost) {
      // Whose records they were is not always known.
      positions.clear();
    }
    spaces.apply(event);
  }

  /** Hands over what is left. */
  public void finish() {
    processes.forEach(this::hand);
  }

  private Position position(int tid) {
    if (positions.size() >= THREADS_MAX) {
      positions.clear();
    }
    return positions.computeIfAbsent(tid, t -> new Position());
  }

  private void hand(int pid, @Nullable Sums process) {
    if (process == null) {
      return;
    }
    process.branches.forEach(
        (from, to, count, mispredicted) -> consumer.branch(pid, from, to, count, mispredicted));
    process.straights.forEach(
        (start, end, count, unused) -> consumer.straight(pid, start, end, count));
    process.branches.clear();
    process.straights.clear();
  }
}
