package dev.bts.api.charging;

import dev.bts.api.Explanation;
import org.jspecify.annotations.Nullable;

/**
 * Why a charge was not made, with the numbers.
 *
 * @param policy the policy that was asked
 * @param account the account that could not take it, null where no account was the reason
 * @param askedPages what was asked
 * @param usedPages what was on the account
 * @param limitPages the account's limit
 * @param fittingPages the largest number of pages that would have fitted
 * @param reason the reason in words where it is not the limit, else empty
 * @param remedy what to do
 */
public record Refusal(
    String policy,
    @Nullable Account account,
    long askedPages,
    long usedPages,
    long limitPages,
    long fittingPages,
    String reason,
    String remedy) {
  private static final long KIB_PER_PAGE = 4;
  private static final long KIB_PER_MIB = 1024;

  /** Returns a refusal because of a limit; the remedy names what would have fitted. */
  public static Refusal overLimit(
      String policy, Account account, long askedPages, long usedPages, long limitPages) {
    // A counter below zero reads as a huge one in the kernel's unsigned limit test: nothing fits.
    long fitting = usedPages < 0 ? 0 : Math.max(0, limitPages - usedPages);
    return overLimit(policy, account, askedPages, usedPages, limitPages, fitting);
  }

  /**
   * Returns a refusal because of the limit of one of several accounts that share the pages.
   *
   * @param askedPages what was asked of that account
   * @param fittingPages how large the buffer could have been
   */
  public static Refusal overLimit(
      String policy,
      Account account,
      long askedPages,
      long usedPages,
      long limitPages,
      long fittingPages) {
    String remedy =
        (fittingPages > 0 ? "lower --buffer to " + size(fittingPages) + " or " : "")
            + raise(account);
    return new Refusal(
        policy, account, askedPages, usedPages, limitPages, fittingPages, "", remedy);
  }

  private static String raise(Account account) {
    String limit = account.kind().limit();
    return "raise "
        + switch (limit) {
          case "RLIMIT_AS" -> "'ulimit -v'";
          case "RLIMIT_MEMLOCK" -> "'ulimit -l'";
          default -> "the " + limit;
        };
  }

  /** Returns a refusal for another reason than a limit. */
  public static Refusal because(String policy, long askedPages, String reason, String remedy) {
    return new Refusal(policy, null, askedPages, 0, 0, 0, reason, remedy);
  }

  /** Returns this refusal with a reason in words beside the numbers. */
  public Refusal withReason(String said) {
    return new Refusal(
        policy, account, askedPages, usedPages, limitPages, fittingPages, said, remedy);
  }

  /** Returns this refusal of memory for translated code: less would do nothing for it. */
  public Refusal ofTranslatedCode() {
    return account == null
        ? this
        : new Refusal(
            policy,
            account,
            askedPages,
            usedPages,
            limitPages,
            0,
            reason,
            "lower --buffer or " + raise(account));
  }

  /** Returns the refusal as an explanation for people. */
  public Explanation explain() {
    return explain(account == null ? "" : account.owner().toString());
  }

  /**
   * Returns the refusal as an explanation for people.
   *
   * @param payer what to call the owner of the account
   */
  public Explanation explain(String payer) {
    String asked = "charge " + size(askedPages) + " by policy '" + policy + "'";
    if (account == null) {
      return new Explanation(asked, reason, remedy);
    }
    String numbers =
        account.kind().limit()
            + " of "
            + payer
            + " is "
            + kib(limitPages)
            + " KiB, "
            + kib(usedPages)
            + " in use, "
            + kib(askedPages)
            + " asked";
    return new Explanation(asked, reason.isEmpty() ? numbers : reason + "; " + numbers, remedy);
  }

  private static long kib(long pages) {
    long mostPages = Long.MAX_VALUE / KIB_PER_PAGE;
    return Math.max(-mostPages, Math.min(mostPages, pages)) * KIB_PER_PAGE;
  }

  private static String size(long pages) {
    long kib = kib(pages);
    return kib % KIB_PER_MIB == 0 ? kib / KIB_PER_MIB + "M" : kib + "K";
  }
}
