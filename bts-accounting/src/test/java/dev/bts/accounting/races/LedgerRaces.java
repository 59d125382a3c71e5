package dev.bts.accounting.races;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.bts.accounting.JournaledLedger;
import dev.bts.accounting.TracerPays;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.Ledger.Reservation;
import dev.bts.api.charging.Principal;
import dev.bts.api.charging.Receipt;
import dev.bts.api.charging.TaskIdentity;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Races of two threads over one ledger, for jcstress: every outcome that is not listed as
 * acceptable is a failure. {@link LedgerRacesTest} runs them.
 */
public final class LedgerRaces {
  private static final long TIMEOUT_NANOS = 10;

  private LedgerRaces() {}

  /** A ledger, the kernel's counter of the tracer's locked pages, its limit and a clock. */
  public abstract static class Scene implements AccountView {
    private static final TaskIdentity TRACER =
        new TaskIdentity(
            new AccountOwner.AddressSpace(1, 1), new Principal(1, 1), new AccountOwner.Group("/"));
    private static final ChargeRequest PAGE = new ChargeRequest(TRACER, TRACER, 1, false);
    private static final Account LOCKED = Account.lockedVm(TRACER.mm());

    final AtomicLong counter = new AtomicLong();
    final AtomicLong limit = new AtomicLong(1);
    final AtomicLong clock = new AtomicLong();
    final JournaledLedger ledger =
        new JournaledLedger(4, Duration.ofNanos(TIMEOUT_NANOS), clock::get);

    Scene() {}

    final Reservation reserve() {
      return ledger.reserve(new TracerPays(), PAGE, this, "buffer");
    }

    /** Reserves a page, lets the kernel charge it, and commits; 1 if that is admitted, else 0. */
    final int buy() {
      try {
        Reservation held = reserve();
        counter.incrementAndGet();
        ledger.commit(held);
        return 1;
      } catch (ChargeRefusedException refused) {
        return 0;
      }
    }

    final Receipt bought() {
      counter.incrementAndGet();
      return ledger.adopt("tracer", "buffer", 1, List.of(new Charge(LOCKED, 1)), "");
    }

    final int giveBack(Receipt receipt) {
      counter.decrementAndGet();
      return ledger.refund(receipt) ? 1 : 0;
    }

    /**
     * Returns 1 if the invariants hold: the book says what the kernel says, and nothing is left.
     */
    final int inOrder() {
      boolean book = ledger.chargedPages(LOCKED) == counter.get();
      boolean receipts = ledger.liveReceipts().size() == counter.get();
      return book && receipts && ledger.reservedPages(LOCKED) == 0 ? 1 : 0;
    }

    @Override
    public long usedPages(Account account) {
      return account.equals(LOCKED) ? counter.get() : 0;
    }

    @Override
    public long limitPages(Account account, TaskIdentity charger) {
      return account.equals(LOCKED) ? limit.get() : UNLIMITED;
    }

    @Override
    public Optional<String> liftedBy(Account account, TaskIdentity charger) {
      return Optional.empty();
    }
  }

  /** Two want the last page, and one gets it; while one charges, the other is refused. */
  @JCStressTest
  @Outcome(
      id = {"1, 0, 1", "0, 1, 1"},
      expect = ACCEPTABLE,
      desc = "one gets it")
  @Outcome(expect = FORBIDDEN, desc = "nobody gets it, or both do")
  @State
  public static class TheLastPage extends Scene {
    /** Creates the scene. */
    public TheLastPage() {}

    /** One. */
    @Actor
    public void one(III_Result result) {
      result.r1 = buy();
    }

    /** The other. */
    @Actor
    public void other(III_Result result) {
      result.r2 = buy();
    }

    /** Afterwards. */
    @Arbiter
    public void after(III_Result result) {
      result.r3 = inOrder();
    }
  }

  /** A page is given back while somebody wants it. */
  @JCStressTest
  @Outcome(
      id = {"1, 1, 1", "1, 0, 1"},
      expect = ACCEPTABLE,
      desc = "it is there already, or not yet")
  @Outcome(expect = FORBIDDEN, desc = "the refund failed, or the book is wrong")
  @State
  public static class ChargeAgainstRefund extends Scene {
    private final Receipt receipt = bought();

    /** Creates the scene. */
    public ChargeAgainstRefund() {}

    /** Gives back. */
    @Actor
    public void refunds(III_Result result) {
      result.r1 = giveBack(receipt);
    }

    /** Wants it. */
    @Actor
    public void charges(III_Result result) {
      result.r2 = buy();
    }

    /** Afterwards. */
    @Arbiter
    public void after(III_Result result) {
      result.r3 = inOrder();
    }
  }

  /** The limit is lowered below what is wanted. */
  @JCStressTest
  @Outcome(
      id = {"1, 1", "0, 1"},
      expect = ACCEPTABLE,
      desc = "before or after the change")
  @Outcome(expect = FORBIDDEN, desc = "the book is wrong")
  @State
  public static class ChargeAgainstLimitChange extends Scene {
    /** Creates the scene. */
    public ChargeAgainstLimitChange() {}

    /** Lowers the limit. */
    @Actor
    public void limits() {
      limit.set(0);
    }

    /** Wants a page. */
    @Actor
    public void charges(II_Result result) {
      result.r1 = buy();
    }

    /** Afterwards nothing more fits. */
    @Arbiter
    public void after(II_Result result) {
      result.r2 = buy() == 0 ? inOrder() : 0;
    }
  }

  /** Two close one buffer. */
  @JCStressTest
  @Outcome(
      id = {"1, 0, 1", "0, 1, 1"},
      expect = ACCEPTABLE,
      desc = "one refunds it")
  @Outcome(expect = FORBIDDEN, desc = "nobody does, or both do")
  @State
  public static class RefundAgainstRefund extends Scene {
    private final Receipt receipt = bought();

    /** Creates the scene. */
    public RefundAgainstRefund() {
      counter.decrementAndGet();
    }

    /** One. */
    @Actor
    public void one(III_Result result) {
      result.r1 = ledger.refund(receipt) ? 1 : 0;
    }

    /** The other. */
    @Actor
    public void other(III_Result result) {
      result.r2 = ledger.refund(receipt) ? 1 : 0;
    }

    /** Afterwards. */
    @Arbiter
    public void after(III_Result result) {
      result.r3 = inOrder();
    }
  }

  /** A buffer is closed while it is handed over. */
  @JCStressTest
  @Outcome(
      id = {"1, 0, 1", "0, 1, 1"},
      expect = ACCEPTABLE,
      desc = "refunded or handed over")
  @Outcome(expect = FORBIDDEN, desc = "neither, or both")
  @State
  public static class RefundAgainstHandOver extends Scene {
    private final Receipt receipt = bought();

    /** Creates the scene. */
    public RefundAgainstHandOver() {
      counter.decrementAndGet();
    }

    /** Closes. */
    @Actor
    public void refunds(III_Result result) {
      result.r1 = ledger.refund(receipt) ? 1 : 0;
    }

    /** Hands over. */
    @Actor
    public void handsOver(III_Result result) {
      result.r2 = ledger.handOver(receipt) ? 1 : 0;
    }

    /** Afterwards. */
    @Arbiter
    public void after(III_Result result) {
      result.r3 = inOrder();
    }
  }

  /** A reservation is committed while it expires and somebody else wants its page. */
  @JCStressTest
  @Outcome(
      id = {"1, 0, 1", "0, 1, 1"},
      expect = ACCEPTABLE,
      desc = "committed, or somebody else has the page")
  @Outcome(id = "0, 0, 1", expect = ACCEPTABLE, desc = "expired after the other was refused")
  @Outcome(expect = FORBIDDEN, desc = "both have the page")
  @State
  public static class CommitAgainstExpiry extends Scene {
    private final Reservation held = reserve();

    /** Creates the scene, in which somebody has asked, so that the reservation's time runs. */
    public CommitAgainstExpiry() {
      ledger.journal();
    }

    /** Commits, and gives the memory back if that comes too late. */
    @Actor
    public void commits(III_Result result) {
      counter.incrementAndGet();
      try {
        ledger.commit(held);
        result.r1 = 1;
      } catch (IllegalStateException expired) {
        counter.decrementAndGet();
        result.r1 = 0;
      }
    }

    /** Lets time pass, and wants the page. */
    @Actor
    public void waits(III_Result result) {
      clock.set(TIMEOUT_NANOS);
      result.r2 = buy();
    }

    /** Afterwards. */
    @Arbiter
    public void after(III_Result result) {
      result.r3 = inOrder();
    }
  }
}
