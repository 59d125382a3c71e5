package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.export.ExportFormat;
import dev.bts.cli.export.ExportOptions;
import dev.bts.cli.export.TraceExport;
import dev.bts.cli.trace.TraceReader;
import dev.bts.cli.trace.TraceVisitor;
import dev.bts.kernel.testing.Requirements;
import dev.bts.kernel.testing.TraceePrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** perf reads what bts exports, and finds in it what bts has recorded. */
class PerfExportTest {
  private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/bin");

  @TempDir Path directory;

  @BeforeEach
  void requirePerf() {
    Requirements.tool("perf", "install linux-perf");
  }

  @Test
  void everyBranchOfLs() throws IOException {
    assertPerfListsAllBranches(record(List.of("/bin/ls", "/")), 1);
    String report = perf("report", "--itrace=b", "--stdio", "-i", file("bts-data"));
    assertThat(report).contains("ls ").contains("ld-linux-x86-64.so.2");
  }

  @Test
  void everyBranchOfAThreadedProgramAndItsFunctions() throws IOException {
    assertPerfListsAllBranches(record(List.of(TraceePrograms.compile("threads").toString())), 4);
    String report = perf("report", "--itrace=b", "--stdio", "-i", file("bts-data"));
    assertThat(report).contains("[.] work").contains("[.] __libc_start_main");
    assertThat(perf("annotate", "--itrace=b", "--stdio", "-i", file("bts-data"), "work"))
        .contains("Disassembly of section .text")
        .contains("<work>");
  }

  @Test
  void aWindow() throws IOException {
    Path trace = record(List.of(TraceePrograms.compile("asm_jcc").toString()));
    List<String> all = bts("script", "--raw", trace.toString()).lines().toList();
    bts(
        "export",
        "--format",
        "perf-data",
        "--window",
        "3..11",
        "-o",
        file("bts-data"),
        trace.toString());
    assertThat(branchesOfBtsData().values()).containsExactly(all.subList(3, 11));
  }

  @Test
  void stacksThatWereImportedAreThoseThatWereRecorded() throws IOException {
    Path recording = RecordedSample.unpackTo(directory);
    Path trace = directory.resolve("sample.bts");
    bts("import", "-o", trace.toString(), recording.toString());
    export(trace, ExportFormat.PERF_DATA, "again", false);
    export(trace, ExportFormat.BRSTACK, "text", false);
    // What a branch has cost in cycles is not in a trace.
    String recorded =
        perf("script", "-F", "brstack", "-i", recording.toString())
            .replaceAll("/[0-9]+/(?= )", "/0/");
    assertThat(recorded).contains("/P/-/-/0/").hasLineCount(3740);
    assertThat(perf("script", "-F", "brstack", "-i", file("again"))).isEqualTo(recorded);
    assertThat(Files.readString(directory.resolve("text"))).isEqualTo(recorded);
  }

  private void assertPerfListsAllBranches(Path trace, int threadsMin) throws IOException {
    Map<Integer, List<String>> expected = branchesOf(trace);
    assertThat(expected).hasSizeGreaterThanOrEqualTo(threadsMin);
    export(trace, ExportFormat.PERF_DATA, "bts-data", false);
    assertThat(branchesOfBtsData()).isEqualTo(expected);
    export(trace, ExportFormat.PERF_DATA, "stacks", true);
    assertThat(branchesOfStacks()).isEqualTo(expected);
  }

  /** Returns the branches by thread, as {@code bts script --raw} prints them. */
  private static Map<Integer, List<String>> branchesOf(Path trace) {
    CollectingSink sink = new CollectingSink();
    try (TraceReader reader = TraceReader.open(trace)) {
      reader.read(sink);
    }
    return sink.branches;
  }

  private static final class CollectingSink implements TraceVisitor {
    private final Map<Integer, List<String>> branches = new HashMap<>();

    @Override
    public void branches(BranchCursor cursor) {
      while (cursor.next()) {
        branches
            .computeIfAbsent(cursor.tid(), t -> new ArrayList<>())
            .add(Long.toHexString(cursor.from()) + " " + Long.toHexString(cursor.to()));
      }
    }

    @Override
    public void event(SideEvent event) {}
  }

  private Map<Integer, List<String>> branchesOfBtsData() throws IOException {
    Map<Integer, List<String>> branches = new HashMap<>();
    perf("script", "--itrace=b", "-F", "tid,ip,addr", "-i", file("bts-data"))
        .lines()
        .forEach(
            line -> {
              // tid ip => addr
              String[] words = line.strip().split("\\s+", -1);
              branches
                  .computeIfAbsent(Integer.valueOf(words[0]), t -> new ArrayList<>())
                  .add(words[1] + " " + words[3]);
            });
    return branches;
  }

  private Map<Integer, List<String>> branchesOfStacks() throws IOException {
    Map<Integer, List<String>> branches = new HashMap<>();
    perf("script", "-F", "tid,brstack", "-i", file("stacks"))
        .lines()
        .forEach(
            line -> {
              // tid 0xfrom/0xto/… 0xfrom/0xto/…, the newest first
              List<String> words = Arrays.asList(line.strip().split("\\s+", -1));
              List<String> stack = words.subList(1, words.size());
              Collections.reverse(stack);
              for (String entry : stack) {
                String[] parts = entry.split("/", -1);
                branches
                    .computeIfAbsent(Integer.valueOf(words.get(0)), t -> new ArrayList<>())
                    .add(parts[0].substring(2) + " " + parts[1].substring(2));
              }
            });
    return branches;
  }

  private Path record(List<String> command) throws IOException {
    Path trace = directory.resolve("trace.bts");
    List<String> line =
        new ArrayList<>(
            List.of("record", "--mechanism", "software-bts", "-o", trace.toString(), "--"));
    line.addAll(command);
    assertThat(CommandRun.of(BtsCommand.line(line), ENVIRONMENT, directory).status()).isZero();
    return trace;
  }

  private void export(Path trace, ExportFormat format, String name, boolean stacks)
      throws IOException {
    try (TraceReader reader = TraceReader.open(trace);
        TraceExport export =
            format.create(
                directory.resolve(name),
                reader.header().orElseThrow(),
                new ExportOptions(stacks, ""))) {
      reader.read(export);
      export.finish();
    }
  }

  private String file(String name) {
    return directory.resolve(name).toString();
  }

  private String bts(String... arguments) throws IOException {
    return run(BtsCommand.line(List.of(arguments)));
  }

  private String perf(String... arguments) throws IOException {
    List<String> line = new ArrayList<>(List.of("perf"));
    line.addAll(List.of(arguments));
    return run(line);
  }

  private String run(List<String> command) throws IOException {
    CommandRun run = CommandRun.of(command, ENVIRONMENT, directory);
    assertThat(run.status()).as(run.errors()).isZero();
    return run.output();
  }
}
