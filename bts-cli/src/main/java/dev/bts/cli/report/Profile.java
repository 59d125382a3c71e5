package dev.bts.cli.report;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.symbols.AddressSpaces;
import dev.bts.cli.symbols.Location;
import dev.bts.cli.symbols.Symbolizer;
import dev.bts.cli.trace.TraceVisitor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts branches by function and by thread.
 *
 * <p>Addresses are counted first and named later, when they are many or about to mean something
 * else; so a branch costs two table look-ups and a name one per address.
 */
final class Profile implements TraceVisitor {
  /** Distinct addresses that are counted before they are named. */
  private static final int ADDRESSES_MAX = 1 << 20;

  /** Processes whose addresses are counted before they are named. */
  private static final int PROCESSES_MAX = 256;

  /** Threads and functions that are told apart; what exceeds that is counted together. */
  private static final int ROWS_MAX = 1 << 16;

  private static final int REMARKS_MAX = 40;

  private static final Tally.Key OTHER_FUNCTIONS = new Tally.Key("[others]", "");

  private final AddressSpaces spaces = new AddressSpaces();
  private final Symbolizer symbolizer = new Symbolizer(spaces);

  /** What was counted and is not yet named, by process. */
  private final Map<Integer, AddressCounts> unnamed = new HashMap<>();

  private final Map<Tally.Key, Tally> functions = new HashMap<>();
  private final Map<Integer, ThreadTally> threads = new HashMap<>();
  private final Remarks remarks = new Remarks();
  private final Payments payments = new Payments(Payments.LISTED_MAX);
  private long branches;
  private long branchesOfOtherThreads;

  private static final class Tally {
    private long from;
    private long to;

    private record Key(String module, String function) {}
  }

  private static final class ThreadTally {
    private int pid;
    private String comm = "";
    private long branches;
    private long lost;
  }

  @Override
  public void branches(BranchCursor cursor) {
    int tid = 0;
    long run = 0;
    AddressCounts addresses = null;
    while (cursor.next()) {
      if (addresses == null || cursor.tid() != tid) {
        count(tid, run);
        run = 0;
        tid = cursor.tid();
        addresses = addresses(spaces.pid(tid));
      }
      run++;
      addresses.countFrom(cursor.from());
      addresses.countTo(cursor.to());
      if (addresses.size() >= ADDRESSES_MAX) {
        name(spaces.pid(tid), addresses);
      }
    }
    count(tid, run);
  }

  @Override
  public void event(SideEvent event) {
    // Name what was counted before the event changes what addresses mean.
    if (event instanceof SideEvent.Exec e) {
      name(e.pid(), unnamed.get(e.pid()));
    } else if (event instanceof SideEvent.Mapped e) {
      name(e.pid(), unnamed.get(e.pid()));
    } else if (event instanceof SideEvent.ProcessStarted e) {
      name(e.pid(), unnamed.get(e.pid()));
    }
    spaces.apply(event);
    payments.add(event);
    remarks.add(event);
    if (event instanceof SideEvent.Lost loss) {
      ThreadTally thread = thread(loss.tid());
      if (thread != null) {
        thread.lost += loss.count();
      }
    }
  }

  long branches() {
    return branches;
  }

  Payments payments() {
    return payments;
  }

  List<FunctionCount> functions() {
    unnamed.forEach(this::name);
    List<FunctionCount> counts = new ArrayList<>();
    functions.forEach(
        (key, tally) ->
            counts.add(new FunctionCount(key.module, key.function, tally.from, tally.to)));
    counts.sort(
        Comparator.<FunctionCount>comparingLong(f -> -(f.from() + f.to()))
            .thenComparing(FunctionCount::module)
            .thenComparing(FunctionCount::function));
    return counts;
  }

  List<ThreadCount> threads() {
    List<ThreadCount> counts = new ArrayList<>();
    threads.forEach(
        (tid, t) -> counts.add(new ThreadCount(tid, t.pid, t.comm, t.branches, t.lost)));
    counts.sort(
        Comparator.<ThreadCount>comparingLong(t -> -t.branches())
            .thenComparingInt(ThreadCount::tid));
    return counts;
  }

  List<String> notes() {
    List<String> notes = new ArrayList<>(remarks.list(REMARKS_MAX));
    notes.addAll(symbolizer.notes());
    if (branchesOfOtherThreads > 0) {
      notes.add(
          "more than "
              + ROWS_MAX
              + " threads: "
              + branchesOfOtherThreads
              + " branches of further ones are not listed by thread");
    }
    return notes;
  }

  private void count(int tid, long run) {
    if (run == 0) {
      return;
    }
    branches += run;
    ThreadTally thread = thread(tid);
    if (thread == null) {
      branchesOfOtherThreads += run;
    } else {
      thread.branches += run;
      thread.pid = spaces.pid(tid);
      thread.comm = spaces.comm(thread.pid);
    }
  }

  private @Nullable ThreadTally thread(int tid) {
    ThreadTally thread = threads.get(tid);
    if (thread == null && threads.size() < ROWS_MAX) {
      thread = new ThreadTally();
      thread.pid = spaces.pid(tid);
      thread.comm = spaces.comm(thread.pid);
      threads.put(tid, thread);
    }
    return thread;
  }

  private AddressCounts addresses(int pid) {
    if (unnamed.size() == PROCESSES_MAX && !unnamed.containsKey(pid)) {
      unnamed.forEach(this::name);
      unnamed.clear();
    }
    return unnamed.computeIfAbsent(pid, p -> new AddressCounts());
  }

  /** Turns the addresses counted for a process so far into functions. */
  private void name(int pid, @Nullable AddressCounts addresses) {
    if (addresses == null || addresses.size() == 0) {
      return;
    }
    addresses.forEach(
        (address, from, to) -> {
          Location location = symbolizer.locate(pid, address);
          Tally tally = tally(new Tally.Key(location.module(), location.function()));
          tally.from += from;
          tally.to += to;
        });
    addresses.clear();
  }

  private Tally tally(Tally.Key key) {
    Tally tally = functions.get(key);
    if (tally == null) {
      Tally.Key home = functions.size() < ROWS_MAX ? key : OTHER_FUNCTIONS;
      tally = functions.computeIfAbsent(home, k -> new Tally());
    }
    return tally;
  }
}
