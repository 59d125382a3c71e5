package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.kernel.testing.Requirements;
import dev.bts.kernel.testing.TraceePrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Other tools than perf read what bts exports for them, and make use of it. */
class ExportToolsTest {
  private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/bin");

  @TempDir Path directory;

  /** Valgrind counts the calls of every function too, and knows nothing of branches. */
  @Test
  void callgrindHasTheCallsThatValgrindCounts() throws IOException {
    Requirements.tool("valgrind", "install valgrind");
    Requirements.tool("callgrind_annotate", "install valgrind");
    String program = TraceePrograms.compile("recursion").toString();
    Path profile = export(record(List.of(program)), "callgrind");
    Path counted = directory.resolve("counted");
    run(List.of("valgrind", "-q", "--tool=callgrind", "--callgrind-out-file=" + counted, program));

    Map<String, Long> expected = calls(counted);
    Map<String, Long> exported = calls(profile);
    // Those of the program only: which of their functions libraries call depends on the machine.
    for (String function : List.of("sum_down", "main")) {
      assertThat(expected.get(function)).as(function + " by valgrind").isNotNull();
      assertThat(exported.get(function)).as(function).isEqualTo(expected.get(function));
    }
    assertThat(exported).containsEntry("sum_down", 10_001L);

    CommandRun annotated =
        CommandRun.of(
            List.of("callgrind_annotate", "--inclusive=yes", profile.toString()),
            ENVIRONMENT,
            directory);
    assertThat(annotated.status()).isZero();
    assertThat(annotated.errors()).isEmpty();
    assertThat(annotated.output()).contains("PROGRAM TOTALS").contains("???:main");
  }

  /** Slow, because DuckDB unpacks its library first. */
  @Test
  @Tag("slow")
  void duckDbFindsEveryBranchInTheParquetFile() throws Exception {
    Path trace = record(List.of(TraceePrograms.compile("threads").toString()));
    List<String> branches =
        run(BtsCommand.line(List.of("script", "--raw", trace.toString()))).lines().toList();
    Path table = export(trace, "parquet");
    try (Connection duckDb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckDb.createStatement()) {
      List<String> found = new ArrayList<>();
      try (ResultSet rows =
          statement.executeQuery(
              "SELECT printf('%x %x', \"from\", \"to\") FROM read_parquet('"
                  + table
                  + "') ORDER BY branch")) {
        while (rows.next()) {
          found.add(rows.getString(1));
        }
      }
      assertThat(found).isEqualTo(branches);
      try (ResultSet rows =
          statement.executeQuery(
              "SELECT count(DISTINCT tid), count(DISTINCT pid), count(*) FILTER ("
                  + "to_function = 'work' AND to_offset = 0) FROM read_parquet('"
                  + table
                  + "')")) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getInt(1)).isGreaterThanOrEqualTo(4);
        assertThat(rows.getInt(2)).isEqualTo(1);
        assertThat(rows.getInt(3)).as("threads that begin with work").isGreaterThanOrEqualTo(3);
      }
    }
  }

  @Test
  void perfettoHasASliceForEveryCall() throws IOException {
    Path trace = record(List.of(TraceePrograms.compile("recursion").toString()));
    Timeline timeline = Timeline.read(export(trace, "perfetto"));
    assertThat(timeline.openSlices()).isZero();
    assertThat(timeline.slices().get("sum_down")).isEqualTo(10_001);
    assertThat(timeline.slices().get("main")).isEqualTo(1);
    assertThat(timeline.deepest()).isGreaterThan(10_001);
    assertThat(timeline.threads()).hasSize(1).allMatch(name -> name.equals("recursion"));
  }

  @Test
  @Tag("slow")
  void boltOptimisesByTheProfileWithStraightCode() throws IOException {
    Path program = buildForBolt();
    Path profile = export(record(List.of(program.toString(), "2", "20000")), "bolt");
    Path converted = directory.resolve("converted");
    // The tool is one with llvm-bolt, and looks at its own name.
    Path converter = directory.resolve("perf2bolt");
    Files.createSymbolicLink(converter, Path.of("/usr/bin/perf2bolt-16"));
    String converting =
        run(
            List.of(
                converter.toString(),
                "-pa",
                "-p",
                profile.toString(),
                "-o",
                converted.toString(),
                program.toString()));
    assertThat(converting).contains("traces mismatching disassembled function contents");
    assertOptimises(program, converted);
  }

  @Test
  @Tag("slow")
  void boltOptimisesByTheProfileOfTakenBranches() throws IOException {
    Path program = buildForBolt();
    assertOptimises(program, export(record(List.of(program.toString(), "2", "20000")), "fdata"));
  }

  private Path buildForBolt() throws IOException {
    Requirements.tool("gcc", "install gcc");
    Requirements.tool("llvm-bolt-16", "install bolt-16");
    Path source = Repository.root().resolve("bts-kernel-backend/src/test/resources/tracees");
    Path program = directory.resolve("sorts");
    run(
        List.of(
            "gcc",
            "-O2",
            "-no-pie",
            "-Wl,--emit-relocs",
            "-I",
            source.toString(),
            "-o",
            program.toString(),
            source.resolve("sorts.c").toString()));
    return program;
  }

  private void assertOptimises(Path program, Path profile) throws IOException {
    Path optimised = directory.resolve("optimised");
    String report =
        run(
            List.of(
                "llvm-bolt-16",
                program.toString(),
                "-o",
                optimised.toString(),
                "-data",
                profile.toString(),
                "-reorder-blocks=ext-tsp",
                "-dyno-stats"));
    assertThat(number(report, "(\\d+) out of \\d+ functions in the binary")).isPositive();
    long before = number(report, "(\\d+) : taken branches\\n");
    long after = number(report, "(\\d+) : taken branches \\(-");
    assertThat(before).isGreaterThan(500_000);
    assertThat(after).isLessThan(before);
    assertThat(run(List.of(optimised.toString(), "2", "20000")))
        .isEqualTo(run(List.of(program.toString(), "2", "20000")));
  }

  private static long number(String text, String pattern) {
    Matcher found = Pattern.compile(pattern).matcher(text);
    assertThat(found.find()).as(pattern + " in " + text).isTrue();
    return Long.parseLong(found.group(1));
  }

  /** Returns how often each function is called by a callgrind profile, with names compressed. */
  private static Map<String, Long> calls(Path profile) throws IOException {
    Map<String, String> names = new HashMap<>();
    Map<String, Long> calls = new HashMap<>();
    Pattern compressed = Pattern.compile("c?fn=(\\(\\d+\\))?\\s*([^']*).*");
    String callee = "";
    for (String line : Files.readAllLines(profile)) {
      Matcher name = compressed.matcher(line);
      if (name.matches()) {
        String number = name.group(1);
        String full = name.group(2);
        if (number != null && !full.isEmpty()) {
          names.put(number, full);
        }
        callee = full.isEmpty() ? names.getOrDefault(number, "") : full;
      } else if (line.startsWith("calls=")) {
        calls.merge(callee, Long.valueOf(line.substring(6).split(" ", -1)[0]), Long::sum);
      }
    }
    return calls;
  }

  private Path record(List<String> command) throws IOException {
    Path trace = directory.resolve("trace.bts");
    List<String> line =
        new ArrayList<>(
            List.of("record", "--mechanism", "software-bts", "-o", trace.toString(), "--"));
    line.addAll(command);
    run(BtsCommand.line(line));
    return trace;
  }

  private Path export(Path trace, String format) throws IOException {
    Path file = directory.resolve(format);
    run(
        BtsCommand.line(
            List.of("export", "--format", format, "-o", file.toString(), trace.toString())));
    return file;
  }

  private String run(List<String> command) throws IOException {
    CommandRun run = CommandRun.of(command, ENVIRONMENT, directory);
    assertThat(run.status()).as(run.errors()).isZero();
    return run.output();
  }
}
