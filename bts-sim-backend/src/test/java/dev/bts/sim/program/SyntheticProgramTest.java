package dev.bts.sim.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.InvalidRequestException;
import dev.bts.api.TargetException;
import dev.bts.api.testing.Seeds;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SyntheticProgramTest {
  private static SyntheticProgram program(String options) {
    return SyntheticProgram.of(List.of(("synthetic " + options).strip().split(" ")));
  }

  /** Runs a task alone to its end; what it starts is not run. */
  private static List<Action> run(Program program) {
    List<Action> actions = new ArrayList<>();
    Action action;
    do {
      action = program.advance();
      actions.add(action);
    } while (!EnumSet.of(Action.EXIT, Action.EXIT_THREAD, Action.DIE, Action.EXEC)
        .contains(action));
    return actions;
  }

  private static Map<Action, Integer> counts(List<Action> actions) {
    Map<Action, Integer> counts = new EnumMap<>(Action.class);
    actions.forEach(action -> counts.merge(action, 1, Integer::sum));
    return counts;
  }

  private static List<Long> branches(Program program, int count) {
    List<Long> edges = new ArrayList<>();
    while (edges.size() < 2 * count) {
      if (program.advance() == Action.BRANCH) {
        edges.add(program.from());
        edges.add(program.to());
      }
    }
    return edges;
  }

  @Test
  void takesExactlyTheBranchesAndCallsThatItsOptionsSay() {
    assertThat(
            counts(
                run(program("--branches 500 --threads 3 --forks 2 --signals 4 --exit 7 --seed 3"))))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                Action.BRANCH, 500,
                Action.CLONE, 2,
                Action.FORK, 2,
                Action.HANDLE_SIGNAL, 4,
                Action.JOIN, 1,
                Action.EXIT, 1));
  }

  @Test
  void makesItsCallsEvenWithoutABranch() {
    assertThat(run(program("--branches 0 --threads 2 --forks 1")))
        .containsExactly(Action.CLONE, Action.FORK, Action.JOIN, Action.EXIT);
  }

  @Test
  void endsAsItsOptionsSay() {
    SyntheticProgram exits = program("--branches 5 --exit 9");
    run(exits);
    assertThat(exits.argument()).isEqualTo(9);
    SyntheticProgram dies = program("--branches 5 --die-by 11");
    assertThat(run(dies)).last().isEqualTo(Action.DIE);
    assertThat(dies.argument()).isEqualTo(11);
  }

  @Test
  void isReplacedByTheProgramOfTheNextSeedAsOftenAsAsked() {
    Program program = program("--branches 5 --execs 2 --seed 40");
    for (int seed = 40; seed < 42; seed++) {
      assertThat(program.image().path()).isEqualTo("synthetic-" + seed);
      assertThat(run(program)).last().isEqualTo(Action.EXEC);
      program = program.successor();
    }
    assertThat(run(program)).last().isEqualTo(Action.EXIT);
  }

  @Test
  void threadsAndChildrenBranchAsOftenAndEndAlone() {
    SyntheticProgram program = program("--branches 50 --threads 2 --forks 1");
    assertThat(counts(run(program.startThread())))
        .isEqualTo(Map.of(Action.BRANCH, 50, Action.EXIT_THREAD, 1));
    assertThat(counts(run(program.startChild())))
        .isEqualTo(Map.of(Action.BRANCH, 50, Action.EXIT, 1));
  }

  @Test
  void theSameSeedTakesTheSameBranches() {
    assertThat(branches(program("--seed 5"), 3000))
        .isEqualTo(branches(program("--seed 5"), 3000))
        .isNotEqualTo(branches(program("--seed 6"), 3000));
  }

  /** Other seeds, other JDKs: these numbers were taken once and must never change. */
  @Test
  void theBranchesOfASeedAreTheSameOnEveryJdk() {
    long hash = 0;
    for (long number : branches(program("--seed 1"), 10_000)) {
      hash = hash * 31 + number;
    }
    assertThat(hash).isEqualTo(-502673048708418179L);
  }

  @Test
  void aForkedChildGoesOnWhereItsParentWas() {
    SyntheticProgram parent = program("--seed 5 --endless");
    branches(parent, 100);
    Program child = parent.startChild();
    List<Long> childsBranches = branches(child, 200);
    assertThat(branches(parent, 200)).isEqualTo(childsBranches);
  }

  @Test
  void codeRunsUpwardsBetweenBranchesAndStaysInItsImage() {
    Seeds.forEach(
        SyntheticProgramTest.class,
        "bts-sim-backend",
        100,
        seed -> {
          SyntheticProgram program = program("--seed " + seed + " --endless");
          CodeImage image = program.image();
          List<Long> edges = branches(program, 2000);
          for (int i = 0; i < edges.size(); i++) {
            assertThat(edges.get(i)).isBetween(image.start(), image.end() - 1);
          }
          for (int i = 2; i < edges.size(); i += 2) {
            assertThat(edges.get(i)).as("branch " + i / 2).isGreaterThanOrEqualTo(edges.get(i - 1));
          }
        });
  }

  @Test
  void programsCallReturnAndLoop() {
    Set<Boolean> directions = new HashSet<>();
    Set<Long> sources = new HashSet<>();
    List<Long> edges = branches(program("--seed 1"), 5000);
    for (int i = 0; i < edges.size(); i += 2) {
      directions.add(edges.get(i + 1) < edges.get(i));
      sources.add(edges.get(i));
    }
    assertThat(directions).containsExactlyInAnyOrder(true, false);
    assertThat(sources).hasSizeGreaterThan(20);
  }

  @Test
  void wrongCommandLinesAreAnsweredWithTheOptionsThereAre() {
    assertThatThrownBy(() -> SyntheticProgram.of(List.of("ls", "-l")))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("'ls'")
        .hasMessageContaining("synthetic --seed 7");
    assertThatThrownBy(() -> program("--colour 3"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("--colour")
        .hasMessageContaining("--branches N");
    assertThatThrownBy(() -> program("--branches"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("its value is missing");
    assertThatThrownBy(() -> program("--branches many"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("not a number");
    assertThatThrownBy(() -> program("--threads 0"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("between 1 and 1000");
    assertThatThrownBy(() -> program("--exit 256")).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void theCommandLineCanBeReadBack() {
    String line = "--seed -4 --branches 12 --threads 2 --exit 3";
    assertThat(program(line).command()).isEqualTo("synthetic " + line);
    assertThat(program("--endless").command()).isEqualTo("synthetic --endless");
  }
}
