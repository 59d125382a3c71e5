package dev.bts.sim.kernel;

import java.util.Map;
import java.util.TreeMap;

/** The descriptors of a process ({@code struct files_struct}); threads share one. */
final class FileTable {
  /** A descriptor: what it refers to, and whether execve(2) closes it. */
  private record Entry(OpenFile file, boolean closeOnExec) {}

  private final TreeMap<Integer, Entry> entries = new TreeMap<>();
  private int users = 1;

  FileTable() {}

  FileTable share() {
    users++;
    return this;
  }

  FileTable copy() {
    FileTable copy = new FileTable();
    entries.forEach((number, entry) -> copy.put(number, entry.file(), entry.closeOnExec()));
    return copy;
  }

  OpenFile get(int descriptor, String call) throws SystemCallException {
    Entry entry = entries.get(descriptor);
    if (entry == null) {
      throw new SystemCallException(Errno.EBADF, call);
    }
    return entry.file();
  }

  /** Has a descriptor refer to a file; what it referred to before is closed. */
  void put(int descriptor, OpenFile file, boolean closeOnExec) {
    file.refer();
    Entry before = entries.put(descriptor, new Entry(file, closeOnExec));
    if (before != null) {
      before.file().forget();
    }
  }

  void close(int descriptor) throws SystemCallException {
    OpenFile file = get(descriptor, "close");
    entries.remove(descriptor);
    file.forget();
  }

  void closeOnExec() {
    for (Map.Entry<Integer, Entry> each : Map.copyOf(entries).entrySet()) {
      if (each.getValue().closeOnExec()) {
        entries.remove(each.getKey());
        each.getValue().file().forget();
      }
    }
  }

  /** A task leaves; the last one closes everything. */
  void leave() {
    users--;
    if (users == 0) {
      entries.values().forEach(entry -> entry.file().forget());
      entries.clear();
    }
  }
}
