package dev.bts.api.charging;

/**
 * Pages added to one account.
 *
 * @param account where
 * @param pages how many, not negative
 */
public record Charge(Account account, long pages) {
  /** Checks. */
  public Charge {
    if (pages < 0) {
      throw new IllegalArgumentException("pages: " + pages);
    }
  }

  @Override
  public String toString() {
    return pages + " pages on " + account;
  }
}
