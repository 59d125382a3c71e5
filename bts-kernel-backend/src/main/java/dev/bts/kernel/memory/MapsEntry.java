package dev.bts.kernel.memory;

import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.MapsLine;
import dev.bts.kernel.sys.ProcFile;
import java.util.ArrayList;
import java.util.List;

/**
 * One mapping of a process, as /proc/PID/maps shows it.
 *
 * @param start its first address
 * @param end the address after its last
 * @param shared whether what is written there is seen by others who map the same
 * @param fileOffset where in the file it begins
 * @param inode the inode of what is mapped; the id of a System V segment
 * @param name what is mapped
 */
record MapsEntry(long start, long end, boolean shared, long fileOffset, long inode, String name) {
  private static final String FLAGS = "VmFlags:";
  private static final String LOCKED = " lo ";
  private static final String DONT_COPY = " dc ";

  /** Returns all mappings of a process, none if it is gone. */
  static List<MapsEntry> of(int pid) {
    List<MapsEntry> entries = new ArrayList<>();
    for (MapsLine line : MapsLine.of(pid)) {
      entries.add(of(line));
    }
    return entries;
  }

  private static MapsEntry of(MapsLine line) {
    return new MapsEntry(
        line.start(), line.end(), line.shared(), line.fileOffset(), line.inode(), line.name());
  }

  /** Returns whether a memfd of this name and inode is mapped. */
  boolean isMemfd(String memfdName, long memfdInode) {
    return inode == memfdInode && name.equals("/memfd:" + memfdName + " (deleted)");
  }

  /** Returns the mappings of the same thing that a process has now, in pieces or moved. */
  List<MapsEntry> present(int pid) {
    return of(pid).stream().filter(this::isOfTheSame).toList();
  }

  /** Returns how many pages of the same thing a process has mapped and locked (VM_LOCKED). */
  long lockedPages(int pid) {
    return pagesWith(LOCKED, pid);
  }

  /** Returns how many pages of the same thing forked children do not get (VM_DONTCOPY). */
  long pagesKeptFromChildren(int pid) {
    return pagesWith(DONT_COPY, pid);
  }

  private long pagesWith(String flag, int pid) {
    long pages = 0;
    MapsEntry current = this;
    for (String line : ProcFile.lines(ProcFile.shared(pid, "smaps"))) {
      if (MapsLine.isFirst(line)) {
        current = MapsLine.parse(line).map(MapsEntry::of).orElseThrow();
      } else if (line.startsWith(FLAGS) && isOfTheSame(current) && (line + " ").contains(flag)) {
        pages += current.pages();
      }
    }
    return pages;
  }

  private boolean isOfTheSame(MapsEntry other) {
    return other.inode == inode && other.name.equals(name);
  }

  /** Returns its size. */
  long pages() {
    return (end - start) / Mapping.PAGE_BYTES;
  }
}
