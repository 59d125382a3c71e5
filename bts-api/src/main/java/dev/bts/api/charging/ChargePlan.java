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
      for (int i = 1; i < charges.size(); i++) {
        for (int j = 0; j < i; j++) {
          if (charges.get(i).account().equals(charges.get(j).account())) {
            throw new IllegalArgumentException("one charge per account, not " + charges);
          }
        }
      }
    }
  }

  /** A refusal: nothing is charged. */
  record Refused(Refusal refusal) implements ChargePlan {}
}
