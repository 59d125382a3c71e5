package dev.bts.cli.symbols;

import dev.bts.api.record.SideEvent;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who is who in a trace at one point of its stream: processes, their threads, and what each has
 * mapped. Feed it every side event, in order. Bounded, whatever a file says.
 */
public final class AddressSpaces {
  /** Entries kept at most, mappings and threads together; a machine has 2^22 pids at most. */
  private static final int ENTRIES_MAX = 1 << 20;

  /** TASK_COMM_LEN less the terminating zero. */
  private static final int COMM_LENGTH = 15;

  private final Map<Integer, Integer> pidOfTid = new HashMap<>();
  private final Map<Integer, TracedProcess> processes = new HashMap<>();
  private int entries;

  /** Creates one that knows nothing. */
  public AddressSpaces() {}

  private static final class TracedProcess {
    String comm = "";
    final TreeMap<Long, SideEvent.Mapped> mappings = new TreeMap<>(Long::compareUnsigned);
  }

  /** Takes notice of an event. What an address means may change by an exec or a mapping only. */
  public void apply(SideEvent event) {
    if (event instanceof SideEvent.ProcessStarted e) {
      start(e);
    } else if (event instanceof SideEvent.ThreadStarted e) {
      setPid(e.tid(), e.pid());
    } else if (event instanceof SideEvent.Exec e) {
      exec(e);
    } else if (event instanceof SideEvent.Mapped e) {
      map(e);
    }
  }

  /** Returns the process of a thread; the thread itself if its start is not in the trace. */
  public int pid(int tid) {
    return pidOfTid.getOrDefault(tid, tid);
  }

  /** Returns the name of a process as the kernel would give it, empty if unknown. */
  public String comm(int pid) {
    TracedProcess process = processes.get(pid);
    return process == null ? "" : process.comm;
  }

  /** Returns what is mapped at an address of a process, null if nothing is known to be. */
  SideEvent.@Nullable Mapped mapping(int pid, long address) {
    TracedProcess process = processes.get(pid);
    if (process == null) {
      return null;
    }
    Map.Entry<Long, SideEvent.Mapped> entry = process.mappings.floorEntry(address);
    return entry != null && Long.compareUnsigned(address, entry.getValue().end()) < 0
        ? entry.getValue()
        : null;
  }

  private void start(SideEvent.ProcessStarted e) {
    setPid(e.tid(), e.pid());
    TracedProcess process = process(e.pid());
    TracedProcess parent = processes.get(e.parentPid());
    // A forked child starts with what its parent has mapped.
    if (parent != null && process.mappings.isEmpty() && parent != process) {
      process.comm = parent.comm;
      if (entries + parent.mappings.size() <= ENTRIES_MAX) {
        process.mappings.putAll(parent.mappings);
        entries += parent.mappings.size();
      }
    }
    if (!e.command().isEmpty()) {
      process.comm = comm(e.command());
    }
  }

  private void exec(SideEvent.Exec e) {
    TracedProcess process = process(e.pid());
    entries -= process.mappings.size();
    process.mappings.clear();
    process.comm = comm(e.path());
  }

  private void map(SideEvent.Mapped e) {
    TracedProcess process = process(e.pid());
    Map.Entry<Long, SideEvent.Mapped> before = process.mappings.lowerEntry(e.end());
    while (before != null && Long.compareUnsigned(before.getValue().end(), e.start()) > 0) {
      SideEvent.Mapped covered = before.getValue();
      process.mappings.remove(before.getKey());
      entries--;
      put(process, part(covered, covered.start(), e.start()));
      put(process, part(covered, e.end(), covered.end()));
      before = process.mappings.lowerEntry(before.getKey());
    }
    put(process, e);
  }

  /** Returns what a mapping is between two addresses within it. */
  private static SideEvent.Mapped part(SideEvent.Mapped whole, long start, long end) {
    return new SideEvent.Mapped(
        whole.tid(),
        whole.timeNanos(),
        whole.pid(),
        start,
        end,
        whole.fileOffset() + (start - whole.start()),
        whole.path(),
        whole.buildId());
  }

  private void put(TracedProcess process, SideEvent.Mapped mapping) {
    boolean empty = Long.compareUnsigned(mapping.start(), mapping.end()) >= 0;
    if (!empty && entries < ENTRIES_MAX && process.mappings.put(mapping.start(), mapping) == null) {
      entries++;
    }
  }

  private void setPid(int tid, int pid) {
    if (entries < ENTRIES_MAX && pidOfTid.put(tid, pid) == null) {
      entries++;
    }
  }

  private TracedProcess process(int pid) {
    TracedProcess process = processes.get(pid);
    if (process == null) {
      process = new TracedProcess();
      if (entries < ENTRIES_MAX) {
        processes.put(pid, process);
        entries++;
      }
    }
    return process;
  }

  private static String comm(String command) {
    String name = command.substring(command.lastIndexOf('/') + 1);
    return name.length() > COMM_LENGTH ? name.substring(0, COMM_LENGTH) : name;
  }
}
