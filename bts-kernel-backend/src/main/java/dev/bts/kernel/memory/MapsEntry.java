package dev.bts.kernel.memory;

import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.ProcFile;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

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
  private static final int FIELDS = 6;
  private static final int MODE_FIELD = 1;
  private static final int OFFSET_FIELD = 2;
  private static final int INODE_FIELD = 4;
  private static final int NAME_FIELD = 5;
  private static final int HEX = 16;

  /** What an entry of /proc/PID/smaps begins with; its other lines begin with a name. */
  private static final Pattern FIRST_LINE = Pattern.compile("[0-9a-f]+-[0-9a-f]+ ");

  private static final String FLAGS = "VmFlags:";
  private static final String LOCKED = " lo ";
  private static final String DONT_COPY = " dc ";

  /** Returns all mappings of a process, none if it is gone. */
  static List<MapsEntry> of(int pid) {
    List<MapsEntry> entries = new ArrayList<>();
    for (String line : ProcFile.lines(ProcFile.shared(pid, "maps"))) {
      entries.add(parse(line));
    }
    return entries;
  }

  static MapsEntry parse(String line) {
    String[] fields = line.split(" +", FIELDS);
    int dash = line.indexOf('-');
    return new MapsEntry(
        Long.parseUnsignedLong(line, 0, dash, HEX),
        Long.parseUnsignedLong(line, dash + 1, line.indexOf(' '), HEX),
        fields[MODE_FIELD].endsWith("s"),
        Long.parseUnsignedLong(fields[OFFSET_FIELD], HEX),
        Long.parseLong(fields[INODE_FIELD]),
        fields.length == FIELDS ? fields[NAME_FIELD] : "");
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
      if (FIRST_LINE.matcher(line).lookingAt()) {
        current = parse(line);
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
