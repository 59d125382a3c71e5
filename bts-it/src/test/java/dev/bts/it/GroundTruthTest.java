package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.BranchTracers;
import dev.bts.api.Mechanism;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.kernel.testing.Requirements;
import dev.bts.kernel.testing.TraceePrograms;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What bts records is what happened: line for line the branches that an independent stepper sees,
 * which decides with another decoder. Branches inside the vDSO, which differ from run to run, are
 * left out on both sides.
 */
class GroundTruthTest {
  private static final List<Mechanism> MECHANISMS =
      List.of(Mechanism.SINGLE_STEP, Mechanism.SOFTWARE_BTS);

  @TempDir Path directory;

  static Stream<Arguments> tracees() {
    return MECHANISMS.stream()
        .flatMap(
            mechanism ->
                Stream.of(
                        "asm_jcc",
                        "asm_loop",
                        "asm_jump",
                        "asm_call",
                        "asm_string",
                        "asm_stack_segment",
                        "jumps",
                        "handlers",
                        "segv_repair",
                        "run_time_code",
                        "recursion",
                        "contexts")
                    .map(name -> Arguments.of(mechanism, name)));
  }

  @ParameterizedTest
  @MethodSource("tracees")
  void ofATracee(Mechanism mechanism, String name) throws IOException {
    assertSameBranches(mechanism, List.of(TraceePrograms.compile(name).toString()));
  }

  /** Long enough for hot paths to be found and translated as trees. */
  @Test
  void ofHotPaths() throws IOException {
    String program = TraceePrograms.compile("hot_paths").toString();
    assertSameBranches(Mechanism.SOFTWARE_BTS, List.of(program, "40"));
  }

  @ParameterizedTest
  @EnumSource(names = {"SINGLE_STEP", "SOFTWARE_BTS"})
  void ofTrue(Mechanism mechanism) throws IOException {
    assertSameBranches(mechanism, List.of("/bin/true"));
  }

  @ParameterizedTest
  @EnumSource(names = {"SINGLE_STEP", "SOFTWARE_BTS"})
  void ofLs(Mechanism mechanism) throws IOException {
    Path listed = Files.createDirectory(directory.resolve("listed"));
    for (String name : List.of("one", "two", "three")) {
      Files.createFile(listed.resolve(name));
    }
    assertSameBranches(mechanism, List.of("/bin/ls", listed.toString()));
  }

  /** The whole would take ten minutes; two million steps go deep into the interpreter's start. */
  @ParameterizedTest
  @EnumSource(names = {"SINGLE_STEP", "SOFTWARE_BTS"})
  @Tag("slow")
  void ofTheBeginningOfPython(Mechanism mechanism) throws Exception {
    Requirements.file(Path.of("/usr/bin/python3"), "install python3");
    List<String> command = List.of("/usr/bin/python3", "-c", "print(1)");
    GroundTruth truth = GroundTruth.of(directory, command, "--max-steps", "2000000");
    assertThat(Files.size(truth.branches())).isPositive();

    try (BufferedReader expected = Files.newBufferedReader(truth.branches())) {
      ExpectedBranches sink = new ExpectedBranches(expected, truth);
      TraceRequest request = GroundTruth.request(directory, command, mechanism, sink);
      try (TraceSession session = BranchTracers.named("kernel").open(request)) {
        ProcessHandle tracee = ProcessHandle.of(session.pid()).orElseThrow();
        session.start();
        sink.awaitEnd();
        tracee.destroyForcibly();
        session.await();
      }
      assertThat(sink.difference()).isEmpty();
      assertThat(sink.compared()).isGreaterThan(100_000);
    }
  }

  private void assertSameBranches(Mechanism mechanism, List<String> command) throws IOException {
    GroundTruth truth = GroundTruth.of(directory, command);
    Path trace = directory.resolve("trace.bts");
    List<String> record =
        new ArrayList<>(
            List.of(
                "record", "--mechanism", mechanism.label(), "--no-aslr", "-o", trace.toString()));
    record.add("--");
    record.addAll(command);
    CommandRun recorded =
        CommandRun.of(BtsCommand.line(record), GroundTruth.ENVIRONMENT, directory);
    assertThat(recorded.status()).as(recorded.errors()).isEqualTo(truth.run().status());
    assertThat(recorded.output()).isEqualTo(truth.run().output());

    CommandRun script =
        CommandRun.of(
            BtsCommand.line(List.of("script", "--raw", trace.toString())),
            GroundTruth.ENVIRONMENT,
            directory);
    assertThat(script.status()).as(script.errors()).isZero();
    List<String> branches = script.output().lines().filter(truth::isOutsideVdso).toList();
    assertThat(branches).isNotEmpty();
    assertThat(firstDifference(Files.readAllLines(truth.branches()), branches)).isEmpty();
  }

  /** Returns the first difference with what leads to it: the lists are too long to be shown. */
  private static String firstDifference(List<String> expected, List<String> actual) {
    int longer = Math.max(expected.size(), actual.size());
    for (int i = 0; i < longer; i++) {
      String should = i < expected.size() ? expected.get(i) : "the end";
      String is = i < actual.size() ? actual.get(i) : "the end";
      if (!should.equals(is)) {
        return "branch %d of %d should be %s and is %s, behind %s"
            .formatted(i, expected.size(), should, is, expected.subList(Math.max(0, i - 5), i));
      }
    }
    return "";
  }
}
