package dev.bts.kernel.sys;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads texts below /proc. A process may vanish at any time: then answers are empty. */
public final class ProcFile {
  /** Longest text that is read, in bytes; /proc texts beyond it are cut. */
  private static final int MAX_BYTES = 64 << 20;

  private ProcFile() {}

  /** Returns the lines of a file below /proc, none if it cannot be read. */
  public static List<String> lines(String path) {
    try (var in = Files.newInputStream(Path.of(path))) {
      byte[] content = in.readNBytes(MAX_BYTES);
      List<String> lines = new ArrayList<>();
      new String(content, StandardCharsets.UTF_8).lines().forEach(lines::add);
      return lines;
    } catch (IOException vanished) {
      return List.of();
    }
  }

  /** Returns the value of a {@code Name:\tvalue} line of /proc/TID/status. */
  public static Optional<String> statusField(int tid, String name) {
    String prefix = name + ":";
    for (String line : lines("/proc/" + tid + "/status")) {
      if (line.startsWith(prefix)) {
        return Optional.of(line.substring(prefix.length()).trim());
      }
    }
    return Optional.empty();
  }

  /** Returns a {@code kB} value of /proc/TID/status in pages of 4 KiB, 0 if absent. */
  public static long statusPages(int tid, String name) {
    return statusField(tid, name)
        .map(value -> Long.parseLong(value.split("\\s+", 2)[0]) / 4)
        .orElse(0L);
  }

  /** Returns a hexadecimal set of /proc/TID/status, such as SigBlk or CapEff, 0 if absent. */
  public static long statusSet(int tid, String name) {
    return statusField(tid, name).map(value -> Long.parseUnsignedLong(value, 16)).orElse(0L);
  }
}
