package dev.bts.sim.rules;

/**
 * One real accounting bug: rules with it and rules without it, which differ in one {@link Choice}.
 *
 * @param number its number in the catalogue
 * @param bug what it was, and where that is known from
 * @param buggy rules with the bug, called {@code row-N}
 * @param fixed rules without it, called {@code row-N-fixed}
 * @param bounds a machine on which it can be found
 * @param effect the invariants that the bug is about, as bits; the rules with the bug may break
 *     others on the way
 * @param skeleton what of the subsystem is left out, empty if nothing that matters is
 */
public record CatalogueRow(
    int number, String bug, Rules buggy, Rules fixed, Bounds bounds, int effect, String skeleton) {
  /** Returns a row whose rules differ in one choice. */
  static CatalogueRow of(int number, String bug, Rules sound, Choice fault, Invariant... effect) {
    String name = "row-" + number;
    int bits = 0;
    for (Invariant invariant : effect) {
      bits |= invariant.bit();
    }
    return new CatalogueRow(
        number,
        bug,
        sound.with(fault).named(name, bug),
        sound.named(name + "-fixed", "without: " + bug),
        Bounds.SMALL,
        bits,
        "");
  }

  /** Returns the row on another machine. */
  CatalogueRow on(Bounds others) {
    return new CatalogueRow(number, bug, buggy, fixed, others, effect, skeleton);
  }

  /** Returns the row, saying what is left out. */
  CatalogueRow leavingOut(String what) {
    return new CatalogueRow(number, bug, buggy, fixed, bounds, effect, what);
  }

  /** Returns the row for a subsystem that lacks some operations. */
  CatalogueRow without(OperationKind... missing) {
    return new CatalogueRow(
        number,
        bug,
        Subsystems.without(buggy, missing),
        Subsystems.without(fixed, missing),
        bounds,
        effect,
        skeleton);
  }

  /** Returns the one question that the two answer differently. */
  public Facet fault() {
    return buggy.difference(fixed).iterator().next();
  }

  /** Returns in words what the bug does and what the fix does. */
  public String difference() {
    Facet facet = fault();
    return facet.label()
        + ": "
        + buggy.choice(facet).label()
        + ", instead of "
        + fixed.choice(facet).label();
  }
}
