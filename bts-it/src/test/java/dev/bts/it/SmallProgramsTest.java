package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.BranchTracers;
import dev.bts.api.ExitStatus;
import dev.bts.api.Mechanism;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.kernel.testing.NativeBuild;
import dev.bts.kernel.testing.Requirements;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The programs under {@code small-programs/}, each with one kind of control flow, by software-bts:
 * branch for branch what an independent stepper sees. They check themselves, print nothing and end
 * with status 0.
 */
class SmallProgramsTest {
  private static final String RESOURCES = "/small-programs";
  private static final NativeBuild BUILD = new NativeBuild(RESOURCES, List.of());
  private static final List<String> FIXED = List.of("-static", "-no-pie");
  private static final List<String> WARNINGS = List.of("-O2", "-Wall", "-Wextra", "-Werror");

  @TempDir Path directory;

  static List<String> sources() throws IOException, URISyntaxException {
    Path resources =
        Path.of(Objects.requireNonNull(SmallProgramsTest.class.getResource(RESOURCES)).toURI());
    try (Stream<Path> files = Files.list(resources)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("sources")
  void isRecordedAsItHappened(String source) throws IOException, InterruptedException {
    List<String> command = List.of(build(source).toString());
    GroundTruth truth = GroundTruth.of(directory, command);
    assertThat(truth.run().status()).isZero();
    try (BufferedReader branches = Files.newBufferedReader(truth.branches())) {
      ExpectedBranches sink = new ExpectedBranches(branches, truth);
      TraceRequest request = GroundTruth.request(directory, command, Mechanism.SOFTWARE_BTS, sink);
      try (TraceSession session = BranchTracers.named("kernel").open(request)) {
        sink.ofThread(session.pid());
        session.start();
        assertThat(session.await()).isEqualTo(new ExitStatus(0, 0));
      }
      assertThat(sink.differenceToTheEnd()).isEmpty();
      assertThat(sink.compared()).isPositive();
    }
  }

  private static Path build(String source) {
    int point = source.indexOf('.');
    List<String> flags = new ArrayList<>(List.of("-g"));
    switch (source.substring(point)) {
      case ".S" -> {
        flags.addAll(FIXED);
        flags.add("-nostdlib");
      }
      case ".cc" -> {
        Requirements.tool("g++", "install g++");
        // At fixed addresses the unwinder would sort what it knows of all frames: millions of
        // steps.
        flags.addAll(WARNINGS);
        flags.addAll(List.of("-static-pie", "-lstdc++"));
      }
      default -> {
        flags.addAll(FIXED);
        flags.addAll(WARNINGS);
      }
    }
    return BUILD.build(source.substring(0, point), source, flags);
  }
}
