package dev.bts.kernel.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.kernel.testing.NativeBuild.ToolRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The tracees are right natively: what a traced run is compared with. */
class TraceeProgramsTest {
  private static final long TIMEOUT_SECONDS = 30;

  /** Programs that end in another way than by themselves with EXIT-SUCCESS. */
  private static final List<String> OTHER_ENDS =
      List.of(
          "asm_brief",
          "asm_crowd",
          "asm_endless",
          "asm_fork",
          "asm_reexec",
          "asm_short",
          "asm_threads",
          "die",
          "forged_orphan",
          "odd_names",
          "plain_start",
          "spin");

  static Stream<String> selfChecking() {
    return TraceePrograms.names().stream().filter(name -> !OTHER_ENDS.contains(name));
  }

  @ParameterizedTest
  @MethodSource("selfChecking")
  void succeedsNatively(String name) throws IOException {
    ToolRun run = run(TraceePrograms.compile(name).toString());
    assertThat(run.output()).endsWith("EXIT-SUCCESS\n");
    assertThat(run.status()).isZero();
  }

  @Test
  void dieEndsAsItsArgumentsSay() throws IOException {
    String die = TraceePrograms.compile("die").toString();
    assertThat(run(die, "exit", "3").status()).isEqualTo(3);
    assertThat(run(die, "segv").status()).isEqualTo(128 + 11);
    assertThat(run(die, "kill", "9").status()).isEqualTo(128 + 9);
    assertThat(run(die, "thread", "15").status()).isEqualTo(128 + 15);
  }

  @Test
  void plainStartUnblocksWhatJavaBlocks() throws IOException {
    String surroundings = TraceePrograms.compile("surroundings").toString();
    ToolRun run = run(TraceePrograms.compile("plain_start").toString(), surroundings);
    assertThat(run.output()).doesNotContain("blocked").endsWith("EXIT-SUCCESS\n");
  }

  @Test
  void theSecondCompilationIsTheFirst() {
    assertThat(TraceePrograms.compile("asm_jump")).isEqualTo(TraceePrograms.compile("asm_jump"));
  }

  @Test
  void theTrapFlagProgramCanStepItself() throws IOException {
    ToolRun run = run(TraceePrograms.compile("trap_flag").toString(), "own");
    assertThat(run.output()).contains("the program stepped itself: 4 traps");
  }

  private static ToolRun run(String... command) throws IOException {
    return ToolRun.of(List.of(command), Path.of("."), TIMEOUT_SECONDS);
  }
}
