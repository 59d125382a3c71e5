package dev.bts.api.charging;

import java.util.List;

/**
 * Who paid how much, from which account, for which buffer. Immutable, refunded at most once,
 * outlives task, address space and tracer.
 *
 * @param id unique within its ledger
 * @param policy the policy that chose the payer
 * @param buffer what was paid for, a name for people
 * @param pages how many pages the buffer has
 * @param charges the pages, per account: a policy may charge a page to several accounts (total_vm
 *     and locked_vm), or divide the buffer between them (perf)
 * @param liftedBy the capability that lifted a limit, empty if none did
 */
public record Receipt(
    long id, String policy, String buffer, long pages, List<Charge> charges, String liftedBy) {
  /** What the name of memory for translated code begins with. */
  public static final String TRANSLATED_CODE = "translated code";

  /** Copies. */
  public Receipt {
    charges = List.copyOf(charges);
  }

  /** Returns whether it is for code that a mechanism has translated, and not for a buffer. */
  public boolean isForTranslatedCode() {
    return buffer.startsWith(TRANSLATED_CODE);
  }
}
