package dev.bts.kernel.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.kernel.testing.NativeBuild.ToolRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The stepper is right where the truth can be counted by hand. */
class ReferenceStepperTest {
  private static final long TIMEOUT_SECONDS = 60;

  @TempDir Path directory;

  @Test
  void countsTheConditionalJumpsThatTheirSourceCounts() throws IOException {
    // 16 conditions, half of them taken, in two forms, for 32 combinations of flags; a jump for
    // each one not taken; 31 rounds of the loop, two checks passed, one jump to the end.
    int conditional = 16 / 2 * 2 * 32;
    assertThat(branches("asm_jcc")).hasSize(conditional + conditional + 31 + 2 + 1);
  }

  @Test
  void takesNoRepetitionForABranch() throws IOException {
    // Six checks passed, three jumps to a repetition, two back, one to the end.
    assertThat(branches("asm_string")).hasSize(6 + 3 + 2 + 1);
  }

  @Test
  void seesTheBranchesThatALoadOfTheStackSegmentHides() throws IOException {
    // jmp, je, je, check, call, ret, loop, jmp.
    assertThat(branches("asm_stack_segment")).hasSize(7);
  }

  @Test
  void recordsLoopsToThemselves() throws IOException {
    assertThat(branches("asm_loop")).filteredOn(line -> line.matches("(\\w+) \\1")).hasSize(6);
  }

  @Test
  void passesStatusAndSignalsThrough() throws IOException {
    String die = TraceePrograms.compile("die").toString();
    assertThat(step("--count-only", "--", die, "exit", "3").status()).isEqualTo(3);
    assertThat(step("--count-only", "--", die, "segv").status()).isEqualTo(128 + 11);
    ToolRun jumps = step("--count-only", "--", TraceePrograms.compile("jumps").toString());
    assertThat(jumps.output()).contains("EXIT-SUCCESS\n");
    assertThat(jumps.status()).isZero();
  }

  @Test
  void stopsAfterTheStepsAskedFor() throws IOException {
    ToolRun run = step("--count-only", "--max-steps", "1000", "--", "/bin/true");
    assertThat(run.output()).contains("steps=1000 ");
    assertThat(run.status()).isZero();
  }

  private List<String> branches(String tracee) throws IOException {
    Path output = directory.resolve("branches");
    ToolRun run =
        step("--output", output.toString(), "--", TraceePrograms.compile(tracee).toString());
    assertThat(run.status()).isZero();
    return Files.readAllLines(output);
  }

  private static ToolRun step(String... arguments) throws IOException {
    List<String> command = new java.util.ArrayList<>();
    command.add(ReferenceStepper.compile().toString());
    command.add("--pin");
    command.addAll(List.of(arguments));
    return ToolRun.of(command, Path.of("."), TIMEOUT_SECONDS);
  }
}
