package dev.bts.sim.rules;

import dev.bts.api.charging.ChargingPolicy;

/**
 * The choice of payer: a policy.
 *
 * @param facet whether it is the first subsystem's or the second's
 * @param policy computes the charge and checks the limit
 */
public record Charging(Facet facet, ChargingPolicy policy) implements Choice {
  /** Returns the choice of payer of the first subsystem. */
  public static Charging first(ChargingPolicy policy) {
    return new Charging(Facet.CHARGE, policy);
  }

  /** Returns the choice of payer of the second subsystem. */
  public static Charging second(ChargingPolicy policy) {
    return new Charging(Facet.SECOND_CHARGE, policy);
  }

  @Override
  public String label() {
    return "policy " + policy.name();
  }
}
