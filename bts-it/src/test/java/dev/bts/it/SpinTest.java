package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bts.accounting.Policies;
import dev.bts.sim.lab.Exploration;
import dev.bts.sim.lab.Explorer;
import dev.bts.sim.lab.Search;
import dev.bts.sim.rules.Bounds;
import dev.bts.sim.rules.PolicyRules;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The explorer against SPIN: a model written in another language has as many states and steps. */
class SpinTest {
  private static final int TABLE_BITS = 18;

  @ParameterizedTest
  @CsvSource({"2, 2, 1, 2", "2, 1, 2, 1"})
  void reachesAsManyStatesInAsManySteps(
      int tasks, int users, int buffers, int pages, @TempDir Path directory) throws IOException {
    compare(Bounds.SMALL.withActors(tasks, users).withBuffers(buffers, pages), directory);
  }

  @Tag("slow")
  @Test
  void soItDoesWhereATracerHandsATraceeOverToAThirdTask(@TempDir Path directory)
      throws IOException {
    compare(Bounds.SMALL.withActors(3, 1).withBuffers(1, 1), directory);
  }

  private static void compare(Bounds bounds, Path directory) throws IOException {
    assumeTrue(SpinModel.lacking().isEmpty(), () -> SpinModel.lacking().orElse(""));
    Search search = Search.of(PolicyRules.of(Policies.named("tracee")), bounds);
    Exploration found = Explorer.explore(search.withoutSymmetry());
    assertThat(found.verdict()).isEqualTo(Exploration.Verdict.HOLDS);
    SpinModel.Result spin = SpinModel.compile(bounds, directory, "-O0", TABLE_BITS).check();
    assertThat(spin.states()).isEqualTo(found.states());
    assertThat(spin.steps()).isEqualTo((double) found.transitions());
  }
}
