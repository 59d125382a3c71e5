package dev.bts.kernel;

import dev.bts.kernel.ptrace.MemoryArea;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import net.fornwall.jelf.ElfFile;
import net.fornwall.jelf.ElfNoteSection;
import net.fornwall.jelf.ElfSection;

/** The GNU build ids of mapped files, each file read once. */
final class BuildIds {
  private static final String SECTION = ".note.gnu.build-id";
  private static final long FILE_BYTES_MAX = 1L << 30;

  private final Map<String, String> known = new HashMap<>();

  /**
   * Returns the build id of the file of a mapping in hex; empty if there is no file, or it has none
   * that can be read.
   */
  String of(int pid, MemoryArea area) {
    if (!area.path().startsWith("/")) {
      return "";
    }
    // Through the tracee's root, because it may live in another mount namespace.
    return known.computeIfAbsent("/proc/" + pid + "/root" + area.path(), BuildIds::read);
  }

  private static String read(String path) {
    Path file = Path.of(path);
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > FILE_BYTES_MAX) {
        return "";
      }
      ElfSection section = ElfFile.from(file.toFile()).firstSectionByName(SECTION);
      return section instanceof ElfNoteSection note
          ? HexFormat.of().formatHex(note.descriptorBytes())
          : "";
    } catch (IOException | RuntimeException unreadable) {
      // Not an ELF file, a damaged one, or one that we may not read: it has no id for us.
      return "";
    }
  }
}
