package dev.bts.accounting.plan;

import dev.bts.api.BtsException;
import dev.bts.api.Explanation;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.TaskIdentity;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a view says of accounts, each read once, and why some of them cannot be read. Reading may
 * take milliseconds where the kernel shows nothing and has to be measured.
 */
final class Readings {
  /**
   * One reading.
   *
   * @param pages what was read, 0 where nothing was
   * @param unknown why nothing was read, null if it was
   */
  record Reading(long pages, @Nullable Explanation unknown) {}

  private record LimitKey(Account account, TaskIdentity charger) {}

  private final AccountView view;
  private final Map<Account, Reading> used = new HashMap<>();
  private final Map<LimitKey, Reading> limits = new HashMap<>();
  private final Map<LimitKey, Optional<String>> lifted = new HashMap<>();

  Readings(AccountView view) {
    this.view = view;
  }

  Reading used(Account account) {
    return used.computeIfAbsent(account, a -> read(() -> view.usedPages(a)));
  }

  Reading limit(Account account, TaskIdentity charger) {
    return limits.computeIfAbsent(
        new LimitKey(account, charger), key -> read(() -> view.limitPages(account, charger)));
  }

  private static Reading read(LongSupplier question) {
    try {
      return new Reading(question.getAsLong(), null);
    } catch (BtsException unknown) {
      return new Reading(0, unknown.explanation());
    }
  }

  /** Returns the best case, as policies may see it. */
  BestCase bestCase() {
    return new BestCase();
  }

  /**
   * A view in which an account of which nothing is known is empty and without a limit. What is
   * refused in it is refused for certain; what is admitted is so only if nothing was unknown.
   */
  final class BestCase implements AccountView {
    private final Set<Explanation> unknown = new LinkedHashSet<>();
    private final Map<Account, TaskIdentity> chargers = new HashMap<>();

    private BestCase() {}

    /** Returns why what a policy has asked for could not be answered, empty if it could. */
    Set<Explanation> unknown() {
      return Set.copyOf(unknown);
    }

    /**
     * Returns in whose name a policy has asked for the limit of an account, null if in nobody's.
     */
    @Nullable TaskIdentity charger(Account account) {
      return chargers.get(account);
    }

    @Override
    public long usedPages(Account account) {
      return answer(used(account), 0);
    }

    @Override
    public long limitPages(Account account, TaskIdentity charger) {
      chargers.put(account, charger);
      return answer(limit(account, charger), UNLIMITED);
    }

    private long answer(Reading reading, long best) {
      Explanation why = reading.unknown();
      if (why == null) {
        return reading.pages();
      }
      unknown.add(why);
      return best;
    }

    @Override
    public Optional<String> liftedBy(Account account, TaskIdentity charger) {
      return lifted.computeIfAbsent(
          new LimitKey(account, charger), key -> view.liftedBy(account, charger));
    }
  }
}
