package dev.bts.api.charging;

/**
 * Chooses who pays for trace memory and checks limits: a pure function.
 *
 * <p>No I/O, no locks, no clocks, no state, and no refund side: a policy cannot refund the wrong
 * account, because refunds are derived from receipts. A backend places the memory where the kernel
 * really charges the accounts of the plan, and refuses a plan for which there is no such place.
 * Implementations are found by ServiceLoader, bound by Guice, or passed as objects; they must be
 * safe for several threads, which a pure function is.
 */
public interface ChargingPolicy {
  /** Returns the name by which the policy is selected. */
  String name();

  /**
   * Decides.
   *
   * @param request what is needed, and by whom
   * @param view the accounts at one moment
   * @return the charges to make, or the refusal
   */
  ChargePlan plan(ChargeRequest request, AccountView view);
}
