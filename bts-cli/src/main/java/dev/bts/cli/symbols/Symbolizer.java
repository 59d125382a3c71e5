package dev.bts.cli.symbols;

import dev.bts.api.record.SideEvent;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns addresses of processes into functions, by the mappings of a trace and the files on disk.
 */
public final class Symbolizer {
  /** Files that are read at most; further ones keep their addresses. */
  private static final int FILES_MAX = 4096;

  private static final Location NOWHERE = new Location("", "", 0);

  private final AddressSpaces spaces;
  private final Map<String, MappedFile> files = new HashMap<>();
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
    String path = mapping.path().isEmpty() ? "[anonymous]" : mapping.path();
    long fileOffset = address - mapping.start() + mapping.fileOffset();
    MappedFile file = files.get(path);
    if (file == null) {
      if (files.size() == FILES_MAX) {
        return new Location(path, "", fileOffset);
      }
      file = MappedFile.load(path, mapping.buildId());
      files.put(path, file);
      if (!file.note().isEmpty()) {
        notes.add(file.note());
      }
    }
    return file.locate(fileOffset);
  }

  /** Returns why files have no symbols, as far as that is not their nature. */
  public List<String> notes() {
    return List.copyOf(notes);
  }
}
