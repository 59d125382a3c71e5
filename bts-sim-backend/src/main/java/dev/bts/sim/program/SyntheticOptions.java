package dev.bts.sim.program;

import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * What a synthetic program does, as its command line says: {@code synthetic --seed 7 --branches
 * 10000 --threads 2 --forks 1 --exit 3}. Immutable.
 */
final class SyntheticOptions {
  /** The name of the command. */
  static final String COMMAND = "synthetic";

  /** The number of branches that never ends. */
  static final long ENDLESS = Long.MAX_VALUE;

  private static final String ENDLESS_OPTION = "--endless";

  /** The options, each a number with a default and a range. */
  enum Option {
    /** Decides the code and the way through it. */
    SEED("--seed", 1, Long.MIN_VALUE, Long.MAX_VALUE),
    /** How many taken branches each thread executes. */
    BRANCHES("--branches", 10_000, 0, ENDLESS),
    /** How many threads the process has, the first included. */
    THREADS("--threads", 1, 1, 1000),
    /** How many children it forks; each executes as many branches, exits with 0, is waited for. */
    FORKS("--forks", 0, 0, 1000),
    /** How often it replaces itself, at its end, by the program of the next seed. */
    EXECS("--execs", 0, 0, 100_000),
    /** How many signals it handles on the way. */
    SIGNALS("--signals", 0, 0, 1_000_000),
    /** The signal that ends it, 0 if it exits. */
    DIE_BY("--die-by", 0, 0, 64),
    /** The exit code. */
    EXIT("--exit", 0, 0, 255);

    private final String name;
    private final long standard;
    private final long least;
    private final long most;

    Option(String name, long standard, long least, long most) {
      this.name = name;
      this.standard = standard;
      this.least = least;
      this.most = most;
    }

    private static Option named(String name) {
      for (Option option : values()) {
        if (option.name.equals(name)) {
          return option;
        }
      }
      throw refused(name, "there is no such option");
    }
  }

  private final Map<Option, Long> values;

  private SyntheticOptions(Map<Option, Long> values) {
    this.values = values;
  }

  /**
   * Reads a command line; the first argument is the command's name.
   *
   * @throws InvalidRequestException if an option is unknown or its value missing or out of range
   */
  static SyntheticOptions parse(List<String> arguments) {
    Map<Option, Long> values = new EnumMap<>(Option.class);
    Iterator<String> words = arguments.listIterator(1);
    while (words.hasNext()) {
      String name = words.next();
      if (name.equals(ENDLESS_OPTION)) {
        values.put(Option.BRANCHES, ENDLESS);
        continue;
      }
      Option option = Option.named(name);
      if (!words.hasNext()) {
        throw refused(name, "its value is missing");
      }
      values.put(option, value(option, words.next()));
    }
    return new SyntheticOptions(values);
  }

  private static long value(Option option, String text) {
    long value;
    try {
      value = Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new InvalidRequestException(explain(option.name + " " + text, "not a number"), e);
    }
    if (value < option.least || value > option.most) {
      throw refused(
          option.name + " " + text,
          "the value must lie between " + option.least + " and " + option.most);
    }
    return value;
  }

  private static InvalidRequestException refused(String asked, String obstacle) {
    return new InvalidRequestException(explain(asked, obstacle));
  }

  private static Explanation explain(String asked, String obstacle) {
    StringBuilder names = new StringBuilder(ENDLESS_OPTION);
    for (Option option : Option.values()) {
      names.append(", ").append(option.name).append(" N");
    }
    return new Explanation(COMMAND + " " + asked, obstacle, "the options are " + names);
  }

  long get(Option option) {
    return values.getOrDefault(option, option.standard);
  }

  int count(Option option) {
    return Math.toIntExact(get(option));
  }

  SyntheticOptions with(Option option, long value) {
    Map<Option, Long> changed = new EnumMap<>(Option.class);
    changed.putAll(values);
    changed.put(option, value);
    return new SyntheticOptions(changed);
  }

  /** Returns the command line. */
  @Override
  public String toString() {
    StringBuilder line = new StringBuilder(COMMAND);
    values.forEach(
        (option, value) -> {
          if (option == Option.BRANCHES && value == ENDLESS) {
            line.append(' ').append(ENDLESS_OPTION);
          } else {
            line.append(' ').append(option.name).append(' ').append(value);
          }
        });
    return line.toString();
  }
}
