package dev.bts.sim.rules;

import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What can happen beside the usual, for machines that are asked for it: each multiplies states.
 * Rules get its operations where they have one that these go with.
 */
public enum Event {
  /**
   * Exec and exit are two steps, with prlimit and all else in between: an exec's threads end before
   * its address space is replaced, and an address space is left before files and tracing are.
   */
  TWO_STEPS(
      new Added(OperationKind.BEGIN_EXEC, OperationKind.EXEC),
      new Added(OperationKind.BEGIN_EXIT, OperationKind.EXIT, OperationKind.KILL),
      new Added(OperationKind.FINISH, OperationKind.EXEC, OperationKind.EXIT, OperationKind.KILL),
      new Added(
          OperationKind.LOWER_LIMIT, OperationKind.EXEC, OperationKind.EXIT, OperationKind.KILL)),
  /** A child asks to be traced by its parent, whoever that is by now. */
  TRACEME(new Added(OperationKind.TRACEME, OperationKind.ATTACH)),
  /** A process shares its address space with another one, as vfork's child or for good. */
  CLONE_VM(new Added(OperationKind.CLONE_VM, OperationKind.CLONE)),
  /** One of two CPUs goes, with the buffers that are loaded there, and comes back. */
  HOTPLUG(
      new Added(OperationKind.CPU_OFFLINE, OperationKind.values()),
      new Added(OperationKind.CPU_ONLINE, OperationKind.values()));

  @SuppressWarnings("ImmutableEnumChecker") // Made by List.of.
  private final List<Added> added;

  Event(Added... added) {
    this.added = List.of(added);
  }

  /** An operation, for rules that have one of some others. */
  private record Added(OperationKind kind, Set<OperationKind> with) {
    Added(OperationKind kind, OperationKind... with) {
      this(kind, Set.of(with));
    }
  }

  /** Returns its name as an option: {@code two-steps}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Returns the event of a name.
   *
   * @throws InvalidRequestException if there is none; the message lists those there are
   */
  public static Event named(String label) {
    for (Event event : values()) {
      if (event.label().equals(label)) {
        return event;
      }
    }
    throw new InvalidRequestException(
        new Explanation(
            "event '" + label + "'",
            "there is no such event",
            "choose of " + EnumSet.allOf(Event.class).stream().map(Event::label).toList()));
  }

  /** Returns what tasks can do under rules when some events happen too. */
  static Set<OperationKind> operations(Rules rules, Set<Event> events) {
    Set<OperationKind> all = rules.operations();
    for (Event event : events) {
      for (Added each : event.added) {
        if (each.with.stream().anyMatch(rules.operations()::contains)) {
          all.add(each.kind);
        }
      }
    }
    return all;
  }
}
