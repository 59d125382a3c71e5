package dev.bts.kernel.memory;

import dev.bts.kernel.sys.ProcFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A process that has a buffer mapped, and how.
 *
 * <p>Any process can map something that is called like a buffer. Whoever acts on one looks at what
 * it holds.
 *
 * @param key the same for all holders of one buffer, and for no other buffer
 * @param place the kind of its memory: {@code tracee}, {@code tracer}, {@code user} or {@code
 *     cgroup}
 * @param pieces the mappings, at least one
 */
record BufferHolder(int pid, String key, String place, List<MapsEntry> pieces) {
  private static final Pattern MEMFD =
      Pattern.compile("/memfd:bts:(tracee|tracer|cgroup) \\(deleted\\)");
  private static final Pattern SEGMENT = Pattern.compile("/SYSV627473[0-9a-f]{2} \\(deleted\\)");
  private static final String USER = "user";

  /**
   * Returns the buffers that a process has mapped; none if it is gone, or must not be looked at.
   */
  static List<BufferHolder> in(int pid) {
    Map<String, BufferHolder> holders = new LinkedHashMap<>();
    for (MapsEntry entry : MapsEntry.of(pid)) {
      String place = place(entry);
      if (place != null) {
        // A segment's id is one of many in other IPC namespaces; a memfd's inode is unique.
        String space = place.equals(USER) ? " " + BufferHeader.namespace(pid, "ns/ipc") : "";
        holders
            .computeIfAbsent(
                entry.inode() + entry.name() + space,
                key -> new BufferHolder(pid, key, place, new ArrayList<>()))
            .pieces
            .add(entry);
      }
    }
    return List.copyOf(holders.values());
  }

  private static @Nullable String place(MapsEntry entry) {
    if (!entry.shared()) {
      return null;
    }
    Matcher memfd = MEMFD.matcher(entry.name());
    if (memfd.matches()) {
      return memfd.group(1);
    }
    return SEGMENT.matcher(entry.name()).matches() ? USER : null;
  }

  /** Returns how many pages are mapped. */
  long pages() {
    return pieces.stream().mapToLong(MapsEntry::pages).sum();
  }

  /** Returns how many pages the process's address space has locked (VM_LOCKED). */
  long lockedPages() {
    return pieces.get(0).lockedPages(pid);
  }

  /**
   * Returns whether the process has mapped it as bts does, kept from forked children. Anybody can
   * give a memfd of this name to a process that maps what it is given; how, is its own choice.
   */
  boolean isMappedAsByBts() {
    return pieces.get(0).pagesKeptFromChildren(pid) == pages();
  }

  /** Returns the buffer's first bytes, null if they cannot be read, or are not mapped. */
  byte @Nullable [] header() {
    for (MapsEntry piece : pieces) {
      if (piece.fileOffset() == 0) {
        try (RandomAccessFile memory = new RandomAccessFile(ProcFile.shared(pid, "mem"), "r")) {
          byte[] content = new byte[BufferHeader.SIZE_BYTES];
          memory.seek(piece.start());
          memory.readFully(content);
          return content;
        } catch (IOException deniedOrGone) {
          return null;
        }
      }
    }
    return null;
  }

  /** Returns the process that traces this one, 0 for none that is visible here. */
  int tracerPid() {
    int thread = number(ProcFile.sharedField(pid, "TracerPid"));
    return thread == 0 ? 0 : number(ProcFile.statusField(thread, "Tgid"));
  }

  private static int number(Optional<String> field) {
    return field.map(Integer::parseInt).orElse(0);
  }
}
