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
    /** Copies. */
    public Admitted {
      charges = List.copyOf(charges);
    }
  }

  /** A refusal: nothing is charged. */
  record Refused(Refusal refusal) implements ChargePlan {}
}
