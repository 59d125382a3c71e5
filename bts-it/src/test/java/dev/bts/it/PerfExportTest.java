package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.bts.kernel.testing.Requirements;
import dev.bts.kernel.testing.TraceePrograms;
import java.io.IOException;
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
    export(trace, "bts-data", "--window", "3..11");
    assertThat(branchesOfBtsData().values()).containsExactly(all.subList(3, 11));
  }

  @Test
  void stacksThatWereImportedAreThoseThatWereRecorded() throws IOException {
    Path recording = RecordedSample.unpackTo(directory);
    Path trace = directory.resolve("sample.bts");
    bts("import", "-o", trace.toString(), recording.toString());
    export(trace, "again");
    // What a branch has cost in cycles is not in a trace.
    String recorded =
        perf("script", "-F", "tid,ip,brstack", "-i", recording.toString())
            .replaceAll("/[0-9]+/(?= )", "/0/");
    assertThat(recorded).contains("/P/-/-/0/");
    assertThat(perf("script", "-F", "tid,ip,brstack", "-i", file("again"))).isEqualTo(recorded);
  }

  private void assertPerfListsAllBranches(Path trace, int threadsMin) throws IOException {
    Map<Integer, List<String>> expected = new HashMap<>();
    JsonNode report = new ObjectMapper().readTree(bts("report", "--json", trace.toString()));
    for (JsonNode thread : report.get("threads")) {
      int tid = thread.get("tid").asInt();
      expected.put(
          tid,
          bts("script", "--raw", "--tid", String.valueOf(tid), trace.toString()).lines().toList());
    }
    assertThat(expected).hasSizeGreaterThanOrEqualTo(threadsMin);
    export(trace, "bts-data");
    assertThat(branchesOfBtsData()).isEqualTo(expected);
    export(trace, "stacks", "--stacks");
    assertThat(branchesOfStacks()).isEqualTo(expected);
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

  private void export(Path trace, String name, String... options) throws IOException {
    List<String> line = new ArrayList<>(List.of("export", "--format", "perf-data"));
    line.addAll(List.of(options));
    line.addAll(List.of("-o", file(name), trace.toString()));
    bts(line.toArray(String[]::new));
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
