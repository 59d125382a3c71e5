package dev.bts.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ExplanationTest {
  @Test
  void readsAsOneSentence() {
    assertThat(new Explanation("trace pid 7", "it is gone", "see ps(1)"))
        .hasToString("trace pid 7: it is gone: see ps(1)");
  }

  @Test
  void endsWithTheObstacleWhereNothingHelps() {
    assertThat(new Explanation("trace pid 7", "it is gone", ""))
        .hasToString("trace pid 7: it is gone");
  }

  @Test
  void isTheMessageOfTheFailureThatCarriesIt() {
    Explanation explanation = new Explanation("a", "b", "c");
    IllegalStateException cause = new IllegalStateException();
    KernelException failure = new KernelException(explanation, 12, cause);
    assertThat(failure).hasMessage("a: b: c").hasCause(cause);
    assertThat(failure.explanation()).isEqualTo(explanation);
    assertThat(failure.errno()).isEqualTo(12);
  }

  @Test
  void anUnknownNameIsAnsweredWithTheNamesThereAre() {
    assertThatThrownBy(() -> Mechanism.ofLabel("magic"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("magic")
        .hasMessageContaining("single-step");
    assertThat(Mechanism.ofLabel("single-step")).isEqualTo(Mechanism.SINGLE_STEP);
    assertThatThrownBy(() -> BranchTracers.named("magic"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("bts-magic-backend");
  }

  @Test
  void aStatusReadsAsInAShell() {
    assertThat(new ExitStatus(3, 0).shellStatus()).isEqualTo(3);
    assertThat(new ExitStatus(0, 9).shellStatus()).isEqualTo(137);
  }
}
