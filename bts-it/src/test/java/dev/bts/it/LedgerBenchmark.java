package dev.bts.it;

import dev.bts.accounting.JournaledLedger;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Ledger;
import dev.bts.api.charging.Principal;
import dev.bts.api.charging.Refusal;
import dev.bts.api.charging.TaskIdentity;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Measures the ledger alone: reserve, commit and refund of one buffer, with counters that cost
 * nothing and a policy that has its plan ready, by one thread, by two on one account and by two on
 * different accounts.
 *
 * <p>By the garbage collector that the command bts runs with. G1, the JVM's own choice on larger
 * machines, takes some 15 ns more: to keep a receipt it remembers between regions.
 *
 * <p>With {@code -prof gc} it prints what is allocated besides: nothing in the benchmark itself and
 * nothing in the policy is.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "-XX:+UseSerialGC")
public class LedgerBenchmark {
  private static final long PAGES = 16;

  /** Limits that are read and kept. */
  private static final class QuietAccounts implements AccountView {
    private static final long LIMIT_PAGES = 2048;

    @Override
    public long usedPages(Account account) {
      return 0;
    }

    @Override
    public long limitPages(Account account, TaskIdentity charger) {
      return LIMIT_PAGES;
    }

    @Override
    public Optional<String> liftedBy(Account account, TaskIdentity charger) {
      return Optional.empty();
    }
  }

  /** The tracer pays with its locked_vm; the plan was made before. */
  private static final class Prepared implements ChargingPolicy {
    private final Account account;
    private final ChargePlan admitted;

    Prepared(TaskIdentity tracer) {
      account = Account.lockedVm(tracer.mm());
      admitted = new ChargePlan.Admitted(List.of(new Charge(account, PAGES)), "");
    }

    @Override
    public String name() {
      return "prepared";
    }

    @Override
    public ChargePlan plan(ChargeRequest request, AccountView view) {
      long used = view.usedPages(account);
      long limit = view.limitPages(account, request.tracer());
      return used + request.pages() <= limit
          ? admitted
          : new ChargePlan.Refused(
              Refusal.overLimit(name(), account, request.pages(), used, limit));
    }
  }

  /** The ledger that all threads share. */
  @State(Scope.Benchmark)
  public static class Shared {
    /** Whether reservations expire, as they do by default: then two threads read the clock. */
    @Param({"true", "false"})
    public boolean expires;

    private Ledger ledger = new JournaledLedger();

    /** Creates the ledger. */
    @Setup
    public void open() {
      ledger =
          expires
              ? new JournaledLedger()
              : new JournaledLedger(
                  JournaledLedger.DEFAULT_JOURNAL_ENTRIES,
                  Duration.ofSeconds(Long.MAX_VALUE),
                  () -> 0);
    }
  }

  /** What a session asks for, with a payer of its own. */
  public abstract static class Session {
    private final AccountView view = new QuietAccounts();
    private final ChargeRequest request;
    private final ChargingPolicy policy;

    private Session(int pid) {
      TaskIdentity tracer =
          new TaskIdentity(
              new AccountOwner.AddressSpace(pid, 1),
              new Principal(1, 1000),
              new AccountOwner.Group("/"));
      request = new ChargeRequest(tracer, tracer, PAGES, false);
      policy = new Prepared(tracer);
    }

    final boolean chargeAndRefund(Shared shared) {
      Ledger ledger = shared.ledger;
      return ledger.refund(ledger.commit(ledger.reserve(policy, request, view, "buffer")));
    }
  }

  /** A session whose payer is everybody's. */
  @State(Scope.Thread)
  public static class OneAccount extends Session {
    /** Creates the session. */
    public OneAccount() {
      super(1);
    }
  }

  /** A session whose payer is its thread's own. */
  @State(Scope.Thread)
  public static class OwnAccount extends Session {
    private static final AtomicInteger PIDS = new AtomicInteger();

    /** Creates the session. */
    public OwnAccount() {
      super(PIDS.incrementAndGet());
    }
  }

  /** One thread. */
  @Benchmark
  public boolean uncontended(Shared shared, OneAccount session) {
    return session.chargeAndRefund(shared);
  }

  /** Two threads whose buffers are charged to one account. */
  @Benchmark
  @Threads(2)
  public boolean twoThreadsOneAccount(Shared shared, OneAccount session) {
    return session.chargeAndRefund(shared);
  }

  /** Two threads whose buffers are charged to different accounts. */
  @Benchmark
  @Threads(2)
  public boolean twoThreadsDifferentAccounts(Shared shared, OwnAccount session) {
    return session.chargeAndRefund(shared);
  }
}
