package dev.bts.accounting.operations;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An operation with its operands. Its text is the verb and the operands, with blanks between:
 * {@code perf-mmap p0 f1 a2 9}; texts of a sequence stand in lines, or behind semicolons in one.
 *
 * @param verb what is done
 * @param operands one for each of {@link Verb#operands}
 */
public record Operation(Verb verb, List<Integer> operands) {
  /** Checks. */
  public Operation {
    operands = List.copyOf(operands);
    if (operands.size() != verb.operands().size()) {
      throw new IllegalArgumentException(
          verb.text() + " takes " + verb.operands() + ", not " + operands);
    }
  }

  /** Returns an operation. */
  public static Operation of(Verb verb, Integer... operands) {
    return new Operation(verb, Arrays.asList(operands));
  }

  /** Returns the operand at a place. */
  public int at(int place) {
    return operands.get(place);
  }

  /** Returns the same operation with another operand. */
  public Operation with(int place, int value) {
    List<Integer> changed = new ArrayList<>(operands);
    changed.set(place, value);
    return new Operation(verb, changed);
  }

  /**
   * Reads a text.
   *
   * @throws IllegalArgumentException if it is none; the message says what is expected
   */
  public static Operation parse(String text) {
    String[] words = text.trim().split("\\s+", -1);
    Verb verb = Verb.parse(words[0]);
    if (words.length != verb.operands().size() + 1) {
      throw new IllegalArgumentException("'" + text.trim() + "': expected is " + usage(verb));
    }
    List<Integer> operands = new ArrayList<>();
    for (int i = 1; i < words.length; i++) {
      operands.add(verb.operands().get(i - 1).parse(words[i]));
    }
    return new Operation(verb, operands);
  }

  /**
   * Reads a sequence; empty lines, and what follows a {@code #} in a line, are left out.
   *
   * @throws IllegalArgumentException if a text is none
   */
  public static List<Operation> parseSequence(String text) {
    return text.lines()
        .map(line -> line.replaceFirst("#.*", ""))
        .flatMap(line -> Arrays.stream(line.split(";", -1)))
        .filter(part -> !part.isBlank())
        .map(Operation::parse)
        .toList();
  }

  /** Returns a sequence in one line. */
  public static String print(List<Operation> sequence) {
    return sequence.stream().map(Operation::toString).collect(Collectors.joining("; "));
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(verb.text());
    for (int i = 0; i < operands.size(); i++) {
      text.append(' ').append(verb.operands().get(i).print(operands.get(i)));
    }
    return text.toString();
  }

  private static String usage(Verb verb) {
    return verb.text()
        + verb.operands().stream().map(each -> " " + each).collect(Collectors.joining());
  }
}
