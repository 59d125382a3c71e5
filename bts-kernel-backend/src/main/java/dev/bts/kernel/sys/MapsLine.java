package dev.bts.kernel.sys;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One line of /proc/PID/maps, or one that an entry of /proc/PID/smaps begins with (proc(5)).
 *
 * @param start its first address
 * @param end the address after its last
 * @param mode four letters, such as {@code r-xp}
 * @param fileOffset where in the file it begins
 * @param inode the inode of what is mapped; the id of a System V segment
 * @param name what is mapped, empty for anonymous memory
 */
public record MapsLine(
    long start, long end, String mode, long fileOffset, long inode, String name) {
  private static final int HEX = 16;
  private static final int SHARED_LETTER = 3;
  private static final int MODE_LETTERS = 4;

  /** Returns all mappings of a process, none if it is gone. */
  public static List<MapsLine> of(int pid) {
    List<MapsLine> entries = new ArrayList<>();
    for (String line : ProcFile.lines(ProcFile.shared(pid, "maps"))) {
      parse(line).ifPresent(entries::add);
    }
    return entries;
  }

  /** Reads a line; empty if it is not of the form that proc(5) describes. */
  public static Optional<MapsLine> parse(String line) {
    // No regular expressions: a program's start reads thousands of lines, mostly interpreted.
    int dash = line.indexOf('-');
    int mode = fieldAfter(line, dash);
    int offset = fieldAfter(line, mode);
    int device = fieldAfter(line, offset);
    int inode = fieldAfter(line, device);
    if (dash < 0 || inode < 0 || endOf(line, mode) - mode < MODE_LETTERS) {
      return Optional.empty();
    }
    int name = fieldAfter(line, inode);
    try {
      return Optional.of(
          new MapsLine(
              Long.parseUnsignedLong(line, 0, dash, HEX),
              Long.parseUnsignedLong(line, dash + 1, endOf(line, dash), HEX),
              line.substring(mode, mode + MODE_LETTERS),
              Long.parseUnsignedLong(line, offset, endOf(line, offset), HEX),
              Long.parseUnsignedLong(line, inode, endOf(line, inode), 10),
              name < 0 ? "" : line.substring(name)));
    } catch (NumberFormatException malformed) {
      return Optional.empty();
    }
  }

  /**
   * Returns whether a line of /proc/PID/smaps is the first of an entry; the others begin with a
   * capital letter.
   */
  public static boolean isFirst(String line) {
    char first = line.isEmpty() ? ' ' : line.charAt(0);
    return (first >= '0' && first <= '9') || (first >= 'a' && first <= 'f');
  }

  /** Returns where the field after the one at an index begins, -1 if there is none. */
  private static int fieldAfter(String line, int field) {
    int index = field < 0 ? -1 : line.indexOf(' ', field);
    while (index >= 0 && index < line.length() && line.charAt(index) == ' ') {
      index++;
    }
    return index < line.length() ? index : -1;
  }

  private static int endOf(String line, int field) {
    int space = line.indexOf(' ', field);
    return space < 0 ? line.length() : space;
  }

  /** Whether what is written there is seen by others who map the same. */
  public boolean shared() {
    return mode.charAt(SHARED_LETTER) == 's';
  }

  /** Whether one of the letters r, w and x is in the mode. */
  public boolean allows(char letter) {
    return mode.indexOf(letter) >= 0;
  }
}
