package dev.bts.sim.rules;

import java.util.Arrays;
import java.util.List;

/**
 * An operation as a number: the kind in the lowest byte, then four bits for each argument, counted
 * from zero. Explorers make millions of them; for people they are counted from one.
 */
public final class Operation {
  private static final int KIND_BITS = 8;
  private static final int ARGUMENT_BITS = 4;
  private static final int KIND_MASK = (1 << KIND_BITS) - 1;
  private static final int ARGUMENT_MASK = (1 << ARGUMENT_BITS) - 1;

  /** The largest value of an argument, counted from one. */
  public static final int MOST = 1 << ARGUMENT_BITS;

  private Operation() {}

  /**
   * Returns an operation.
   *
   * @param arguments in the order of the kind, counted from one
   */
  public static int of(OperationKind kind, int... arguments) {
    if (arguments.length != kind.arguments().size()) {
      throw new IllegalArgumentException(kind + " takes " + kind.arguments());
    }
    int code = kind.code();
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i] < 1 || arguments[i] > MOST) {
        throw new IllegalArgumentException(kind + ": " + arguments[i]);
      }
      code |= (arguments[i] - 1) << (KIND_BITS + i * ARGUMENT_BITS);
    }
    return code;
  }

  /** Returns the kind. */
  public static OperationKind kind(int operation) {
    return OperationKind.of(operation & KIND_MASK);
  }

  /** Returns an argument, counted from zero. */
  static int argument(int operation, int index) {
    return operation >>> (KIND_BITS + index * ARGUMENT_BITS) & ARGUMENT_MASK;
  }

  /** Returns the arguments, counted from one. */
  public static int[] arguments(int operation) {
    int[] arguments = new int[kind(operation).arguments().size()];
    Arrays.setAll(arguments, i -> argument(operation, i) + 1);
    return arguments;
  }

  /** Returns the operation in words. */
  public static String text(int operation) {
    OperationKind kind = kind(operation);
    String text = kind.text();
    List<Argument> arguments = kind.arguments();
    for (int i = 0; i < arguments.size(); i++) {
      Argument argument = arguments.get(i);
      int value = argument(operation, i) + 1;
      boolean one = argument == Argument.PAGES && value == 1;
      text = one ? text.replace("{pages} pages", "1 page") : text;
      text = text.replace("{" + argument.key() + "}", Integer.toString(value));
    }
    return text;
  }

  /** Returns all operations of a kind within bounds. */
  public static int[] all(OperationKind kind, Bounds bounds) {
    int[] operations = {kind.code()};
    List<Argument> arguments = kind.arguments();
    for (int i = 0; i < arguments.size(); i++) {
      int count = arguments.get(i).count(bounds);
      int[] more = new int[operations.length * count];
      for (int j = 0; j < more.length; j++) {
        more[j] = operations[j / count] | (j % count) << (KIND_BITS + i * ARGUMENT_BITS);
      }
      operations = more;
    }
    return operations;
  }
}
