package dev.bts.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a tracer could leave behind in a process: its mappings, descriptors and limits, and for each
 * thread affinity, signals, tracer and the like.
 *
 * @param threads the lines of interest of each thread's {@code status}, by tid
 */
record ProcessState(
    List<String> mappings,
    List<String> descriptors,
    List<String> limits,
    TreeMap<String, List<String>> threads) {
  private static final List<String> LINES =
      List.of(
          "TracerPid",
          "Uid",
          "SigBlk",
          "SigIgn",
          "SigCgt",
          "NoNewPrivs",
          "Seccomp",
          "Cpus_allowed",
          "VmLck",
          "VmPin");

  /** Reads the state from {@code /proc}. The process must not change its mappings meanwhile. */
  static ProcessState of(long pid) throws IOException {
    Path process = Path.of("/proc", String.valueOf(pid));
    TreeMap<String, List<String>> threads = new TreeMap<>();
    for (Path thread : list(process.resolve("task"))) {
      threads.put(
          thread.getFileName().toString(),
          Files.readAllLines(thread.resolve("status")).stream()
              .filter(line -> LINES.stream().anyMatch(line::startsWith))
              .toList());
    }
    return new ProcessState(
        Files.readAllLines(process.resolve("maps")),
        list(process.resolve("fd")).stream().map(Path::toString).toList(),
        Files.readAllLines(process.resolve("limits")),
        threads);
  }

  /** Returns whether every thread is traced. */
  boolean isTraced() {
    return threads.values().stream()
        .allMatch(
            lines ->
                lines.stream()
                    .anyMatch(line -> line.startsWith("TracerPid") && !line.endsWith("\t0")));
  }

  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }
}
