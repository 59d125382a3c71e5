package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The table of the lifecycle: every event has a row, and every test that it names exists. */
class LifecycleDocTest {
  private static final String DOCUMENT = "docs/lifecycle.md";

  /** What must be answered for every policy. */
  private static final List<String> EVENTS =
      List.of(
          "attach",
          "allocate",
          "grow",
          "shrink",
          "free",
          "detach",
          "tracer exits cleanly",
          "tracer is killed",
          "one thread of the tracer exits",
          "the tracer's last thread exits",
          "tracee exits or is killed",
          "tracee is reaped",
          "tracee execs",
          "fork with copied mappings",
          "fork without copied mappings (vfork, CLONE_VM)",
          "CLONE_VM threads",
          "setuid between charge and refund",
          "limits lowered below use",
          "re-attach by another tracer, which finds a live buffer",
          "adopt",
          "hand over",
          "allocation failure between reserve and commit",
          "refund from a deferred worker",
          "two subsystems share one counter",
          "user namespaces created and destroyed",
          "control groups entered, left and removed");

  /** An event, five policies and two columns of tests, with the bars at both ends. */
  private static final int CELLS = 8;

  private static List<String[]> rows() throws IOException {
    return Repository.read(DOCUMENT)
        .lines()
        .filter(line -> line.startsWith("| "))
        .map(line -> line.substring(1, line.length() - 1).split("\\|", -1))
        .toList();
  }

  @Test
  void everyEventHasARowWithoutAnEmptyCell() throws IOException {
    List<String> events = new ArrayList<>();
    for (String[] row : rows()) {
      assertThat(row).allSatisfy(cell -> assertThat(cell).isNotBlank());
      if (row.length == CELLS) {
        events.add(row[0].trim());
      }
    }
    assertThat(events).containsAll(EVENTS);
  }

  @Test
  void everyTestThatIsNamedExists() throws IOException {
    assertThat(NamedTests.missing(DOCUMENT)).as("tests that " + DOCUMENT + " names").isEmpty();
    assertThat(NamedTests.of(DOCUMENT)).hasSizeGreaterThan(EVENTS.size());
  }
}
