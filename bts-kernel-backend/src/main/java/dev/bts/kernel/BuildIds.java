package dev.bts.kernel;

import dev.bts.kernel.ptrace.MemoryArea;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The GNU build ids of mapped files, each file read once. */
final class BuildIds {
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
      return Files.isRegularFile(file) ? BuildIdNote.read(file) : "";
    } catch (IOException unreadable) {
      // One that we may not read has no id for us.
      return "";
    }
  }
}
