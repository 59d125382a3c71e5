package dev.bts.accounting;

import dev.bts.api.ChargeRefusedException;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Ledger;
import dev.bts.api.charging.Ledger.Reservation;
import dev.bts.api.charging.Principal;
import dev.bts.api.charging.Receipt;
import dev.bts.api.charging.Refusal;
import dev.bts.api.charging.TaskIdentity;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Whatever several threads do with a ledger at once could have been done one after the other:
 * lincheck runs generated scenarios and compares with {@link Book}, a ledger for one thread.
 *
 * <p>There are two payers with an account each, and plans over one of them or both. Two
 * reservations and two receipts are there from the start. The limit changes and time passes, too.
 */
@Param(name = "held", gen = IntGen.class, conf = "0:1")
@Param(name = "payer", gen = IntGen.class, conf = "0:2")
@Param(name = "limit", gen = IntGen.class, conf = "2:5")
public class LedgerLinearizabilityTest {
  private static final int BOTH = 2;
  private static final long TIMEOUT_NANOS = 10;
  private static final TaskIdentity[] PAYERS = {payer(1), payer(2)};
  private static final Account[] ACCOUNTS = {account(0), account(1)};

  private final Scene scene = new Scene();

  /** Creates the scene. */
  public LedgerLinearizabilityTest() {}

  private static TaskIdentity payer(int pid) {
    return new TaskIdentity(
        new AccountOwner.AddressSpace(pid, 1), new Principal(1, 1), new AccountOwner.Group("/"));
  }

  private static Account account(int payer) {
    return Account.lockedVm(PAYERS[payer].mm());
  }

  /** One page on one of the accounts, or one on each. */
  private record Pays(int payer) implements ChargingPolicy {
    @Override
    public String name() {
      return "pays";
    }

    @Override
    public ChargePlan plan(ChargeRequest request, AccountView view) {
      for (int i = 0; i < ACCOUNTS.length; i++) {
        if (payer == i || payer == BOTH) {
          long used = view.usedPages(ACCOUNTS[i]);
          long limit = view.limitPages(ACCOUNTS[i], PAYERS[i]);
          if (used + request.pages() > limit) {
            return new ChargePlan.Refused(
                Refusal.overLimit(name(), ACCOUNTS[i], request.pages(), used, limit));
          }
        }
      }
      return new ChargePlan.Admitted(charges(), "");
    }

    List<Charge> charges() {
      Charge first = new Charge(ACCOUNTS[0], 1);
      Charge second = new Charge(ACCOUNTS[1], 1);
      return payer == BOTH ? List.of(first, second) : List.of(payer == 0 ? first : second);
    }
  }

  /** The ledger, a clock, and a kernel in which nothing but the limit of the first payer moves. */
  private static final class Scene implements AccountView {
    private final AtomicLong clock = new AtomicLong();
    private final AtomicLong limit = new AtomicLong(3);
    private final Ledger ledger =
        new JournaledLedger(4, Duration.ofNanos(TIMEOUT_NANOS), clock::get);
    private final Reservation[] open = {reserve(0), reserve(BOTH)};
    private final Receipt[] live = {adopt(0), adopt(BOTH)};

    Reservation reserve(int payer) {
      ChargeRequest request = new ChargeRequest(PAYERS[0], PAYERS[0], 1, false);
      return ledger.reserve(new Pays(payer), request, this, "buffer");
    }

    Receipt adopt(int payer) {
      return ledger.adopt("pays", "buffer", 1, new Pays(payer).charges(), "");
    }

    @Override
    public long usedPages(Account account) {
      return 0;
    }

    @Override
    public long limitPages(Account account, TaskIdentity charger) {
      return account.equals(ACCOUNTS[0]) ? limit.get() : 3;
    }

    @Override
    public Optional<String> liftedBy(Account account, TaskIdentity charger) {
      return Optional.empty();
    }
  }

  /** Returns whether it was admitted. */
  @Operation
  public boolean reserve(@Param(name = "payer") int payer) {
    try {
      return scene.reserve(payer).receipt().pages() == 1;
    } catch (ChargeRefusedException refused) {
      return false;
    }
  }

  /** Returns whether the reservation was still open. */
  @Operation
  public boolean commit(@Param(name = "held") int reservation) {
    try {
      return scene.ledger.commit(scene.open[reservation]).pages() == 1;
    } catch (IllegalStateException resolvedOrExpired) {
      return false;
    }
  }

  /** Returns whether the reservation was still open, or had expired. */
  @Operation
  public boolean cancel(@Param(name = "held") int reservation) {
    try {
      scene.ledger.cancel(scene.open[reservation]);
      return true;
    } catch (IllegalStateException resolved) {
      return false;
    }
  }

  /** Returns whether the receipt was still live. */
  @Operation
  public boolean refund(@Param(name = "held") int receipt) {
    return scene.ledger.refund(scene.live[receipt]);
  }

  /** Returns whether the receipt was still live. */
  @Operation
  public boolean handOver(@Param(name = "held") int receipt) {
    return scene.ledger.handOver(scene.live[receipt]);
  }

  /** Adopts another buffer. */
  @Operation
  public void adopt(@Param(name = "payer") int payer) {
    scene.adopt(payer);
  }

  /** Changes the first payer's limit. */
  @Operation
  public void limit(@Param(name = "limit") int pages) {
    scene.limit.set(pages);
  }

  /** Lets half of the timeout pass. */
  @Operation
  public void tick() {
    scene.clock.addAndGet(TIMEOUT_NANOS / 2);
  }

  /** Returns the first payer's reserved pages. */
  @Operation
  public long reserved() {
    return scene.ledger.reservedPages(ACCOUNTS[0]);
  }

  /** Returns the first payer's charged pages. */
  @Operation
  public long charged() {
    return scene.ledger.chargedPages(ACCOUNTS[0]);
  }

  /** Returns how many receipts are live. */
  @Operation
  public int live() {
    return scene.ledger.liveReceipts().size();
  }

  /** The scenarios that matter most, whatever others are generated. */
  private static ModelCheckingOptions interleavings() {
    return new ModelCheckingOptions()
        // Two want the last page of the first payer; one of them wants a second account, too.
        .addCustomScenario(scenario(List.of(reserves(0)), List.of(reserves(0))))
        .addCustomScenario(
            scenario(List.of(reserves(BOTH)), List.of(reserves(0), actor("charged"))))
        .addCustomScenario(scenario(List.of(reserves(0), reserves(0)), List.of(actor("cancel", 1))))
        .addCustomScenario(
            scenario(
                List.of(reserves(0), actor("live")), List.of(actor("limit", 2), actor("reserved"))))
        .addCustomScenario(scenario(List.of(actor("refund", 1)), List.of(actor("handOver", 1))))
        .addCustomScenario(
            scenario(
                List.of(actor("tick"), actor("tick"), actor("charged"), actor("reserved")),
                List.of(actor("commit", 1))))
        // The journal and the table of ids are used under locks only: no need to look inside.
        .addGuarantee(
            ManagedStrategyGuaranteeKt.forClasses(
                    JournalRing.class.getName(), HeldTable.class.getName())
                .allMethods()
                .ignore())
        .sequentialSpecification(Book.class);
  }

  private static ExecutionScenario scenario(List<Actor> one, List<Actor> other) {
    return new ExecutionScenario(List.of(), List.of(one, other), List.of(actor("reserved")), null);
  }

  private static Actor reserves(int payer) {
    return actor("reserve", payer);
  }

  private static Actor actor(String operation, Integer... arguments) {
    Method method =
        Arrays.stream(LedgerLinearizabilityTest.class.getMethods())
            .filter(m -> m.isAnnotationPresent(Operation.class) && m.getName().equals(operation))
            .findAny()
            .orElseThrow();
    return new Actor(method, List.of(arguments), false, false, false, false, false);
  }

  @Test
  void everyInterleavingOfSmallScenariosIsLinearizable() {
    interleavings()
        .iterations(2)
        .invocationsPerIteration(50)
        .threads(2)
        .actorsBefore(1)
        .actorsPerThread(2)
        .actorsAfter(1)
        .check(LedgerLinearizabilityTest.class);
  }

  @Test
  void whatThreadsReallyDoIsLinearizable() {
    new StressOptions()
        .iterations(5)
        .invocationsPerIteration(100)
        .threads(3)
        .actorsPerThread(3)
        .sequentialSpecification(Book.class)
        .check(LedgerLinearizabilityTest.class);
  }

  @Test
  @Tag("slow")
  void everyInterleavingOfLargerScenariosIsLinearizable() {
    interleavings()
        .iterations(50)
        .invocationsPerIteration(2000)
        .threads(3)
        .actorsBefore(2)
        .actorsPerThread(2)
        .actorsAfter(3)
        .check(LedgerLinearizabilityTest.class);
  }

  @Test
  @Tag("slow")
  void whatManyThreadsReallyDoIsLinearizable() {
    new StressOptions()
        .iterations(50)
        .invocationsPerIteration(2000)
        .threads(4)
        .actorsPerThread(3)
        .sequentialSpecification(Book.class)
        .check(LedgerLinearizabilityTest.class);
  }

  /** The same ledger for one thread, written down as plainly as can be. */
  public static class Book {
    private static final int COUNT = 2;
    private static final long[] NONE = {0, 0};

    /** The deadline of a reservation whose time has not started. */
    private static final long NOT_STARTED = Long.MAX_VALUE;

    /** Pages, on the two accounts, and when they expire. */
    private record Entry(long first, long second, long deadline) {}

    private final List<Entry> reservations = new ArrayList<>();
    private final boolean[] open = {true, true};
    private final boolean[] expired = new boolean[COUNT];
    private final boolean[] isLive = {true, true};
    private final long[] charged = {2, 1};
    private long limit = 3;
    private long now;
    private int live = 2;

    /** Creates the scene. */
    public Book() {
      reservations.add(new Entry(1, 0, TIMEOUT_NANOS));
      reservations.add(new Entry(1, 1, TIMEOUT_NANOS));
    }

    /** See the test's. */
    public boolean reserve(int payer) {
      long[] held = held();
      long first = payer == 1 ? 0 : 1;
      long second = payer == 0 ? 0 : 1;
      if ((first > 0 && held[0] + first > limit) || (second > 0 && held[1] + second > 3)) {
        return false;
      }
      boolean isAlone = held[0] + held[1] == 0;
      reservations.add(new Entry(first, second, isAlone ? NOT_STARTED : now + TIMEOUT_NANOS));
      return true;
    }

    private long[] held() {
      expire();
      long[] held = NONE.clone();
      for (int i = 0; i < reservations.size(); i++) {
        if (i >= COUNT || open[i]) {
          Entry entry = reservations.get(i);
          held[0] += entry.deadline() > now ? entry.first() : 0;
          held[1] += entry.deadline() > now ? entry.second() : 0;
        }
      }
      return held;
    }

    private void expire() {
      reservations.replaceAll(
          entry ->
              entry.deadline() == NOT_STARTED
                  ? new Entry(entry.first(), entry.second(), now + TIMEOUT_NANOS)
                  : entry);
      for (int i = 0; i < COUNT; i++) {
        if (open[i] && now >= reservations.get(i).deadline()) {
          open[i] = false;
          expired[i] = true;
        }
      }
    }

    /** See the test's. */
    public boolean commit(int reservation) {
      if (!open[reservation]) {
        return false;
      }
      open[reservation] = false;
      charged[0] += reservations.get(reservation).first();
      charged[1] += reservations.get(reservation).second();
      live++;
      return true;
    }

    /** See the test's. */
    public boolean cancel(int reservation) {
      boolean harmless = open[reservation] || expired[reservation];
      open[reservation] = false;
      return harmless;
    }

    /** See the test's. */
    public boolean refund(int receipt) {
      if (!isLive[receipt]) {
        return false;
      }
      isLive[receipt] = false;
      charged[0]--;
      charged[1] -= receipt;
      live--;
      return true;
    }

    /** See the test's. */
    public boolean handOver(int receipt) {
      return refund(receipt);
    }

    /** See the test's. */
    public void adopt(int payer) {
      charged[0] += payer == 1 ? 0 : 1;
      charged[1] += payer == 0 ? 0 : 1;
      live++;
    }

    /** See the test's. */
    public void limit(int pages) {
      limit = pages;
    }

    /** See the test's. */
    public void tick() {
      now += TIMEOUT_NANOS / 2;
    }

    /** See the test's. */
    public long reserved() {
      return held()[0];
    }

    /** See the test's. */
    public long charged() {
      return charged[0];
    }

    /** See the test's. */
    public int live() {
      return live;
    }
  }
}
