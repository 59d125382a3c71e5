package dev.bts.sim.rules;

/** One answer to the question of a {@link Facet}. Rules are made of them. */
public interface Choice {
  /** Returns the question that this answers. */
  Facet facet();

  /** Returns the answer in words. */
  String label();
}
