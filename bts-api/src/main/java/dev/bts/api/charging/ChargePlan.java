package dev.bts.api.charging;

import java.util.List;

/** What a policy answers: who pays how much, or why nobody does. */
public sealed interface ChargePlan {
  /**
   * The charges to make, all or none.
   *
   * @param charges one per account
   * @param liftedBy the capability that lifted a limit, such as {@code CAP_IPC_LOCK}; empty if the
   *     charges are within the limits
   */
  record Admitted(List<Charge> charges, String liftedBy) implements ChargePlan {
    /** Copies, and checks that no account is charged twice. */
    public Admitted {
      charges = List.copyOf(charges);
      if (charges.stream().map(Charge::account).distinct().count() != charges.size()) {
        throw new IllegalArgumentException("one charge per account, not " + charges);
      }
    }
  }

  /** A refusal: nothing is charged. */
  record Refused(Refusal refusal) implements ChargePlan {}
}
