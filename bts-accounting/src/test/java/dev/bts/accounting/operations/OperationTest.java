package dev.bts.accounting.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.bts.api.testing.Seeds;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OperationTest {
  @Test
  void aSequenceReadsAsItPrints() {
    Seeds.forEach(
        OperationTest.class,
        "bts-accounting",
        200,
        seed -> {
          List<Operation> sequence = SequenceGenerator.generate(seed, 30);
          assertThat(Operation.parseSequence(Operation.print(sequence))).isEqualTo(sequence);
        });
  }

  @Test
  void linesAndRemarksAreRead() {
    String text = "# two processes\nstart p0 u0 u1\n\n fork p0 p1 # the child\nexit p1; reap p1\n";
    assertThat(Operation.print(Operation.parseSequence(text)))
        .isEqualTo("start p0 u0 u1; fork p0 p1; exit p1; reap p1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"lock p0", "fork p0", "fork p0 p1 p2", "fork p0 p9", "exec u0", "mmap"})
  void aTextThatIsNoneIsRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Operation.parse(text))
        .withMessageContaining("'");
  }
}
