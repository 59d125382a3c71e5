package dev.bts.sim.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.sim.lab.Exploration;
import dev.bts.sim.lab.Explorer;
import dev.bts.sim.lab.Search;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every bug of the catalogue is found from actors and bounds alone, and nothing in its fix. */
class CatalogueTest {
  static Stream<CatalogueRow> rows() {
    return Catalogue.rows().stream();
  }

  @Test
  void hasFortyOneRows() {
    assertThat(Catalogue.rows())
        .extracting(CatalogueRow::number)
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 41).boxed().toList());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aPairDiffersInOneChoice(CatalogueRow row) {
    assertThat(row.buggy().difference(row.fixed())).hasSize(1);
    assertThat(row.buggy().operations()).isEqualTo(row.fixed().operations());
    assertThat(row.buggy().family()).isEqualTo(row.fixed().family());
    assertThat(row.difference()).contains(", instead of ");
  }

  @ParameterizedTest
  @MethodSource("rows")
  void theBugIsFound(CatalogueRow row) {
    Exploration found =
        Explorer.explore(Search.of(row.buggy(), row.bounds()).watching(row.effect()));
    assertThat(found.verdict()).as(found.sentence()).isEqualTo(Exploration.Verdict.BROKEN);
    assertThat(found.counterexample()).isNotNull();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void theFixHolds(CatalogueRow row) {
    Exploration found = Explorer.explore(Search.of(row.fixed(), row.bounds()));
    assertThat(found.verdict())
        .as(found.sentence() + "\n" + found.counterexample())
        .isEqualTo(Exploration.Verdict.HOLDS);
  }
}
