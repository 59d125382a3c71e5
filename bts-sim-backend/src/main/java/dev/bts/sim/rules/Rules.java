package dev.bts.sim.rules;

import dev.bts.api.charging.ChargingPolicy;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How one kernel generation or subsystem, or bts, accounts: one {@link Choice} for every {@link
 * Facet}, and the operations that the subsystem has. Immutable.
 *
 * <p>A bug and its fix are two such objects that differ in one choice, which {@link #difference}
 * shows.
 */
public final class Rules {
  private final String name;
  private final String summary;
  private final Family family;
  private final Set<OperationKind> operations;
  private final Map<Facet, Choice> choices;

  // The same choices, for transitions, which ask often.
  final ChargingPolicy charge;
  final @Nullable ChargingPolicy secondCharge;
  final Admission admission;
  final Failure failure;
  final Release release;
  final Relock relock;
  final Inheritance inheritance;
  final Split split;
  final Sharing sharing;
  final Orphans orphans;
  final Prlimit prlimit;
  final MemoryKind memory;
  private final Map<Ending, Handling> handlings = new EnumMap<>(Ending.class);

  private Rules(
      String name,
      String summary,
      Family family,
      Set<OperationKind> operations,
      Map<Facet, Choice> choices) {
    this.name = name;
    this.summary = summary;
    this.family = family;
    this.operations = EnumSet.copyOf(operations);
    this.choices = new EnumMap<>(choices);
    charge = ((Charging) choice(Facet.CHARGE)).policy();
    Choice second = choices.get(Facet.SECOND_CHARGE);
    secondCharge = second == null ? null : ((Charging) second).policy();
    admission = (Admission) choice(Facet.ADMISSION);
    failure = (Failure) choice(Facet.FAILURE);
    release = (Release) choice(Facet.RELEASE);
    relock = (Relock) choice(Facet.RELOCK);
    inheritance = (Inheritance) choice(Facet.INHERITANCE);
    split = (Split) choice(Facet.SPLIT);
    sharing = (Sharing) choice(Facet.SHARING);
    orphans = (Orphans) choice(Facet.ORPHANS);
    prlimit = (Prlimit) choice(Facet.PRLIMIT);
    memory = (MemoryKind) choice(Facet.MEMORY);
    for (Ending ending : Ending.values()) {
      handlings.put(ending, (Handling) choice(ending.facet()));
    }
  }

  /** Returns the answer to a question; only {@link Facet#SECOND_CHARGE} may have none. */
  Choice choice(Facet facet) {
    return Objects.requireNonNull(choices.get(facet), facet.name());
  }

  /**
   * Returns sound rules: the payer of the charge is refunded once, whenever the buffer ends, and a
   * buffer ends with its payer. Other rules are made of these by {@link #with}.
   */
  public static Rules sound(
      String name,
      String summary,
      Family family,
      Set<OperationKind> operations,
      ChargingPolicy charge) {
    Map<Facet, Choice> choices = new EnumMap<>(Facet.class);
    List<Choice> sound =
        List.of(
            Charging.first(charge),
            Admission.ATOMIC,
            Failure.UNWIND,
            Release.ATOMIC,
            Relock.KEEP,
            Inheritance.NOTHING,
            Split.REFUSED,
            Sharing.ANYONE,
            Orphans.STRANDED,
            Prlimit.OF_PROCESS,
            MemoryKind.LOCKED,
            Ending.TRACEE_EXIT.then(Pages.KEPT, Refund.NOBODY),
            Ending.GROUP_GONE.then(Pages.KEPT, Refund.NOBODY),
            Ending.CPU_OFFLINE.then(Pages.KEPT, Refund.NOBODY));
    sound.forEach(choice -> choices.put(choice.facet(), choice));
    for (Ending ending : Ending.values()) {
      choices.putIfAbsent(ending.facet(), ending.then(Pages.FREED, Refund.PAYER));
    }
    return new Rules(name, summary, family, operations, choices);
  }

  /** Returns rules that make these choices instead. */
  public Rules with(Choice... others) {
    Map<Facet, Choice> changed = new EnumMap<>(choices);
    Arrays.stream(others).forEach(choice -> changed.put(choice.facet(), choice));
    return new Rules(name, summary, family, operations, changed);
  }

  /** Returns the same rules under another name. */
  public Rules named(String otherName, String otherSummary) {
    return new Rules(otherName, otherSummary, family, operations, choices);
  }

  /** Returns the same rules for a subsystem with these operations. */
  public Rules operating(Set<OperationKind> otherOperations) {
    return new Rules(name, summary, family, otherOperations, choices);
  }

  /** Returns the name by which the rules are selected. */
  public String name() {
    return name;
  }

  /** Returns what they model, and from where that is known. */
  public String summary() {
    return summary;
  }

  /** Returns how buffers are held. */
  public Family family() {
    return family;
  }

  /** Returns what the subsystem lets tasks do. */
  public Set<OperationKind> operations() {
    return EnumSet.copyOf(operations);
  }

  /** Returns the choices, by facet. */
  public Map<Facet, Choice> choices() {
    return new EnumMap<>(choices);
  }

  /** Returns the facets that these rules and others answer differently. */
  public Set<Facet> difference(Rules other) {
    Set<Facet> different = EnumSet.noneOf(Facet.class);
    for (Facet facet : Facet.values()) {
      if (!Objects.equals(choices.get(facet), other.choices.get(facet))) {
        different.add(facet);
      }
    }
    return different;
  }

  Handling on(Ending ending) {
    return Objects.requireNonNull(handlings.get(ending));
  }

  /** The policy that charges buffers of a kind, 0 or 1; where there is no second one, the first. */
  ChargingPolicy policy(int kind) {
    return kind == 0 || secondCharge == null ? charge : secondCharge;
  }

  @Override
  public String toString() {
    return name;
  }
}
