package dev.bts.kernel.ordinary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * A JVM of its own for test classes, started by a command such as setpriv(1).
 *
 * @param starter the command and its options; the JVM's command line follows
 * @param classPath the class path
 * @param home its working directory, which it may write to
 */
public record TestJvm(List<String> starter, String classPath, Path home) {
  /**
   * Runs the tests of some classes in one JVM; each becomes one here, with its outcome.
   *
   * @param options of the JVM
   */
  public Stream<DynamicTest> run(List<String> options, Class<?>... tests) throws Exception {
    List<String> command = new ArrayList<>(starter);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(
        List.of(
            "-Djava.io.tmpdir=" + home,
            "-Djna.tmpdir=" + home,
            "-cp",
            classPath,
            RunTestClasses.class.getName()));
    for (Class<?> testClass : tests) {
      command.add(testClass.getName());
    }
    return execute(command).stream().map(TestJvm::asTest);
  }

  private List<TestReport> execute(List<String> command) throws Exception {
    Process jvm =
        new ProcessBuilder(command).directory(home.toFile()).redirectErrorStream(true).start();
    List<TestReport> reports = new ArrayList<>();
    StringBuilder other = new StringBuilder();
    try (var lines = jvm.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (TestReport.isLine(line)) {
          reports.add(TestReport.parse(line));
        } else {
          other.append(line).append('\n');
        }
      }
    } finally {
      jvm.destroy();
    }
    assertThat(jvm.waitFor()).as("status of %s: %s", command, other).isZero();
    assertThat(reports).as("tests run by %s: %s", command, other).isNotEmpty();
    return reports;
  }

  private static DynamicTest asTest(TestReport report) {
    return DynamicTest.dynamicTest(
        report.name(),
        () -> {
          if (report.outcome().equals("ABORTED")) {
            abort(report.reason());
          }
          assertThat(report.outcome()).as(report.reason()).isEqualTo("SUCCESSFUL");
        });
  }
}
