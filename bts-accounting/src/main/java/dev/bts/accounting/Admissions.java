package dev.bts.accounting;

import dev.bts.api.charging.AccountView;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What a ledger's decisions are taken with: one {@link Admission} that is used again and again, so
 * that a decision that nobody disturbs allocates nothing. Decisions at the same time, also one that
 * a policy makes within its own, get new ones; one of all those is kept.
 */
final class Admissions {
  private final Versions versions;
  private final Balances balances;
  private final AtomicReference<@Nullable Admission> spare = new AtomicReference<>();

  Admissions(Versions versions, Balances balances) {
    this.versions = versions;
    this.balances = balances;
  }

  /** Returns one that nobody else uses, to be given to {@link #close} after the decision. */
  Admission open(AccountView view) {
    Admission admission = spare.getAndSet(null);
    if (admission == null) {
      admission = new Admission(versions, balances);
    }
    admission.open(view);
    return admission;
  }

  /** Ends its use. A policy that kept it learns nothing more. */
  void close(Admission admission) {
    admission.close();
    spare.setRelease(admission);
  }
}
