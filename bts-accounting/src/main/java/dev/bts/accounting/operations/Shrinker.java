package dev.bts.accounting.operations;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Makes a failing sequence short: it leaves out halves, quarters and single operations as long as
 * the rest fails, then makes numbers of pages small.
 */
final class Shrinker {
  private final Predicate<List<Operation>> fails;
  private int triesLeft;

  /**
   * Prepares.
   *
   * @param fails whether a sequence fails
   * @param tries the most sequences that are tried
   */
  Shrinker(Predicate<List<Operation>> fails, int tries) {
    this.fails = fails;
    this.triesLeft = tries;
  }

  /** Returns a sequence that fails and is no longer than the given one, which fails. */
  List<Operation> shrink(List<Operation> failing) {
    List<Operation> shortest = failing;
    for (int chunk = Math.max(1, failing.size() / 2); chunk >= 1; chunk /= 2) {
      shortest = without(shortest, chunk);
    }
    return simpler(without(shortest, 1));
  }

  private List<Operation> without(List<Operation> failing, int chunk) {
    List<Operation> shortest = failing;
    for (int from = shortest.size() - chunk;
        from >= 0;
        from = Math.min(from, shortest.size()) - chunk) {
      List<Operation> rest = new ArrayList<>(shortest);
      rest.subList(from, Math.min(from + chunk, rest.size())).clear();
      if (stillFails(rest)) {
        shortest = rest;
      }
    }
    return shortest;
  }

  private List<Operation> simpler(List<Operation> failing) {
    List<Operation> simplest = failing;
    for (int i = 0; i < simplest.size(); i++) {
      for (int place = 0; place < simplest.get(i).operands().size(); place++) {
        Operand operand = simplest.get(i).verb().operands().get(place);
        int smallest = operand == Operand.PAGES ? 1 : 0;
        if (operand != Operand.PAGES && operand != Operand.OFFSET && operand != Operand.FLAGS) {
          continue;
        }
        for (int value = simplest.get(i).at(place); value > smallest; ) {
          int smaller = smallest + (value - smallest) / 2;
          List<Operation> changed = new ArrayList<>(simplest);
          changed.set(i, changed.get(i).with(place, smaller));
          if (!stillFails(changed)) {
            break;
          }
          simplest = changed;
          value = smaller;
        }
      }
    }
    return simplest;
  }

  private boolean stillFails(List<Operation> sequence) {
    return triesLeft-- > 0 && !sequence.isEmpty() && fails.test(sequence);
  }
}
