package dev.bts.accounting.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SequenceGeneratorTest {
  @Test
  void aSeedAlwaysGivesTheSameSequence() {
    assertThat(SequenceGenerator.generate(7, 30))
        .isEqualTo(SequenceGenerator.generate(7, 30))
        .hasSize(30)
        .isNotEqualTo(SequenceGenerator.generate(8, 30));
  }

  @Test
  void everyVerbIsUsedSoon() {
    Set<Verb> used = EnumSet.noneOf(Verb.class);
    for (long seed = 1; seed <= 50; seed++) {
      SequenceGenerator.generate(seed, 30).forEach(operation -> used.add(operation.verb()));
    }
    assertThat(used).isEqualTo(EnumSet.allOf(Verb.class));
  }
}
