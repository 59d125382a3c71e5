package dev.bts.accounting.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class ShrinkerTest {
  private static boolean locksSevenAndForks(List<Operation> sequence) {
    return sequence.stream().anyMatch(each -> each.verb() == Verb.MLOCK && each.at(3) >= 7)
        && sequence.stream().anyMatch(each -> each.verb() == Verb.FORK);
  }

  @Test
  void whatDoesNotMatterIsLeftOut() {
    List<Operation> failing =
        Operation.parseSequence(
            "start p0 u0 u0; mmap p0 a0 60 1; fork p0 p1; exec p0; mlock p0 a0 5 40 1; exit p1");
    assertThat(Operation.print(new Shrinker(ShrinkerTest::locksSevenAndForks, 400).shrink(failing)))
        .startsWith("fork p0 p1; mlock p0 a0 0 ")
        .endsWith(" 0")
        .matches(text -> locksSevenAndForks(Operation.parseSequence(text)));
  }

  @Test
  void triesAreBounded() {
    int[] tries = {0};
    Predicate<List<Operation>> counting =
        sequence -> {
          tries[0]++;
          return false;
        };
    new Shrinker(counting, 10).shrink(SequenceGenerator.generate(1, 30));
    assertThat(tries[0]).isEqualTo(10);
  }
}
