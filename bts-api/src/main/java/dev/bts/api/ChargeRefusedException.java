package dev.bts.api;

import dev.bts.api.charging.Refusal;

/** A charge that a policy, the ledger or the kernel refused; nothing was charged. */
public final class ChargeRefusedException extends BtsException {
  private static final long serialVersionUID = 1L;

  private final transient Refusal refusal;

  /** Creates the failure from a refusal. */
  public ChargeRefusedException(Refusal refusal) {
    super(refusal.explain(), null);
    this.refusal = refusal;
  }

  /** Returns which account refused, its limit and use, and what was asked. */
  public Refusal refusal() {
    return refusal;
  }
}
