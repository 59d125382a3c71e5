package dev.bts.cli.symbols;

import dev.bts.api.record.SideEvent;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns addresses of processes into functions, by the mappings of a trace and the files on disk.
 */
public final class Symbolizer {
  /** Files that are read at most; further ones keep their addresses. */
  private static final int FILES_MAX = 4096;

  private static final Location NOWHERE = new Location("", "", 0);

  private final AddressSpaces spaces;
  private final Map<String, MappedFile> files = new HashMap<>();
  private final CodeFiles code = new CodeFiles();
  private final Set<String> notes = new LinkedHashSet<>();

  /** Creates one over the address spaces of a trace, which somebody else keeps up to date. */
  public Symbolizer(AddressSpaces spaces) {
    this.spaces = spaces;
  }

  /** Returns where an address of a process lies at the present point of the stream. */
  public Location locate(int pid, long address) {
    SideEvent.Mapped mapping = spaces.mapping(pid, address);
    if (mapping == null) {
      return NOWHERE;
    }
    long fileOffset = address - mapping.start() + mapping.fileOffset();
    MappedFile file = file(mapping);
    return file == null ? new Location(path(mapping), "", fileOffset) : file.locate(fileOffset);
  }

  /**
   * Returns where an address lies by the names that BOLT has for functions: local ones are numbered
   * by address, such as {@code work/1}, because there may be several of one name.
   */
  public Location locateForBolt(int pid, long address) {
    SideEvent.Mapped mapping = spaces.mapping(pid, address);
    MappedFile file = mapping == null ? null : file(mapping);
    return mapping == null || file == null
        ? NOWHERE
        : file.locateForBolt(address - mapping.start() + mapping.fileOffset());
  }

  /**
   * Returns the place of an address of a process in the file that is mapped there; null if none is,
   * or if it is not the file any more that was traced.
   */
  public @Nullable Place place(int pid, long address) {
    SideEvent.Mapped mapping = spaces.mapping(pid, address);
    MappedFile file = mapping == null ? null : file(mapping);
    return mapping == null || file == null
        ? null
        : file.place(address - mapping.start() + mapping.fileOffset(), address);
  }

  /**
   * Reads code of a file that is mapped in a process, at most as much as {@code into} has room for.
   *
   * @return how many bytes were read; 0 if the file cannot be read or is not that which was traced
   */
  public int code(int pid, long address, ByteBuffer into) {
    Place place = place(pid, address);
    return place == null ? 0 : code.read(place, into);
  }

  private @Nullable MappedFile file(SideEvent.Mapped mapping) {
    String path = path(mapping);
    MappedFile file = files.get(path);
    if (file == null && files.size() < FILES_MAX) {
      file = MappedFile.load(path, mapping.buildId());
      files.put(path, file);
      if (!file.note().isEmpty()) {
        notes.add(file.note());
      }
    }
    return file;
  }

  private static String path(SideEvent.Mapped mapping) {
    return mapping.path().isEmpty() ? "[anonymous]" : mapping.path();
  }

  /** Returns why files have no symbols, as far as that is not their nature. */
  public List<String> notes() {
    return List.copyOf(notes);
  }
}
