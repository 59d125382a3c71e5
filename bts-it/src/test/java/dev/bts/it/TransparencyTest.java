package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.Mechanism;
import dev.bts.kernel.testing.Requirements;
import dev.bts.kernel.testing.TraceePrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A traced program does what it does natively: same output, same errors, same status. */
class TransparencyTest {
  private static final Map<String, String> ENVIRONMENT =
      Map.of("PATH", "/usr/bin:/bin", "LC_ALL", "C", "UNUSUAL", "a value = with; signs");

  /** Programs that do nothing without arguments, or nothing but wait for a signal. */
  private static final List<String> NOT_ALONE =
      List.of("asm_endless", "asm_reexec", "die", "plain_start", "spin");

  /** Tracees that take minutes to be stepped on a slow machine. */
  private static final List<String> LONG_TO_STEP = List.of("contexts", "jumps", "leader_exit");

  private static final List<Mechanism> MECHANISMS =
      List.of(Mechanism.SINGLE_STEP, Mechanism.SOFTWARE_BTS);

  @TempDir Path directory;

  static Stream<Arguments> tracees() {
    return MECHANISMS.stream()
        .flatMap(
            mechanism ->
                TraceePrograms.names().stream()
                    .filter(name -> !NOT_ALONE.contains(name))
                    .filter(
                        name -> mechanism != Mechanism.SINGLE_STEP || !LONG_TO_STEP.contains(name))
                    .map(name -> Arguments.of(mechanism, name)));
  }

  @ParameterizedTest
  @MethodSource("tracees")
  void ofATracee(Mechanism mechanism, String name) throws IOException {
    Files.writeString(directory.resolve("stdin"), "one\ntwo\nthree\n");
    assertSameBehaviour(mechanism, TraceePrograms.compile(name).toString());
  }

  static Stream<String> longToStep() {
    return LONG_TO_STEP.stream();
  }

  @ParameterizedTest
  @MethodSource("longToStep")
  @Tag("slow")
  void ofATraceeThatIsLongToStep(String name) throws IOException {
    assertSameBehaviour(Mechanism.SINGLE_STEP, TraceePrograms.compile(name).toString());
  }

  static Stream<Arguments> deaths() {
    return Stream.of(
            "exit 0",
            "exit 3",
            "exit 255",
            "signal 1",
            "signal 2",
            "signal 9",
            "signal 13",
            "signal 15",
            "kill 6",
            "kill 9",
            "kill 5",
            "segv",
            "abort",
            "ill",
            "fpe",
            "trap",
            "thread 15",
            "thread 11",
            "stack")
        .flatMap(
            how ->
                MECHANISMS.stream().map(mechanism -> Arguments.of(mechanism, how.split(" ", -1))));
  }

  @ParameterizedTest
  @MethodSource("deaths")
  void ofDeath(Mechanism mechanism, String[] how) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(TraceePrograms.compile("die").toString());
    command.addAll(List.of(how));
    assertSameBehaviour(mechanism, command.toArray(String[]::new));
  }

  @ParameterizedTest
  @EnumSource(names = {"SINGLE_STEP", "SOFTWARE_BTS"})
  void ofWhatTheProgramSeesOfItsSurroundings(Mechanism mechanism) throws IOException {
    assertSameBehaviour(
        mechanism,
        TraceePrograms.compile("surroundings").toString(),
        "",
        "a b",
        "*",
        "@file",
        "'\"\\",
        "-o");
  }

  @ParameterizedTest
  @EnumSource(names = {"SINGLE_STEP", "SOFTWARE_BTS"})
  void ofAPipelineInAShell(Mechanism mechanism) throws IOException {
    assertSameBehaviour(mechanism, "/bin/bash", "-c", "ls /usr | wc -l; exit 7");
  }

  @ParameterizedTest
  @EnumSource(names = {"SINGLE_STEP", "SOFTWARE_BTS"})
  @Tag("slow")
  void ofAPythonProgramWithTwoThreads(Mechanism mechanism) throws IOException {
    Requirements.file(Path.of("/usr/bin/python3"), "install python3");
    assertSameBehaviour(
        mechanism,
        "/usr/bin/python3",
        "-S",
        "-c",
        """
        import threading
        threads = [threading.Thread(target=lambda n=n: print(sum(range(n)))) for n in (10, 20)]
        for thread in threads:
            thread.start()
            thread.join()
        """);
  }

  private void assertSameBehaviour(Mechanism mechanism, String... command) throws IOException {
    CommandRun expected = run(List.of(command));
    List<String> record =
        new ArrayList<>(
            List.of(
                "record",
                "--mechanism",
                mechanism.label(),
                "-o",
                directory.resolve("trace.bts").toString(),
                "--"));
    record.addAll(List.of(command));
    CommandRun traced = run(BtsCommand.line(record));

    assertThat(traced.output()).isEqualTo(expected.output());
    assertThat(withoutSummary(mechanism, traced.errors())).isEqualTo(expected.errors());
    assertThat(traced.status()).as(traced.errors()).isEqualTo(expected.status());
  }

  /** Runs a command as a shell would start it, not as Java does. */
  private CommandRun run(List<String> command) throws IOException {
    List<String> line = new ArrayList<>();
    line.add(TraceePrograms.compile("plain_start").toString());
    line.addAll(command);
    return CommandRun.of(line, ENVIRONMENT, directory);
  }

  /** Takes the last line off, which is the summary of bts, after making sure that it is. */
  private static String withoutSummary(Mechanism mechanism, String errors) {
    assertThat(errors).endsWith("\n");
    int start = errors.lastIndexOf('\n', errors.length() - 2) + 1;
    assertThat(errors.substring(start)).contains(mechanism.label()).contains("branches");
    return errors.substring(0, start);
  }
}
