package dev.bts.kernel;

import dev.bts.accounting.JournaledLedger;
import dev.bts.accounting.Policies;
import dev.bts.api.Mechanism;
import dev.bts.api.SessionStatus;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.api.contract.Auditor;
import dev.bts.api.contract.RecordingSink;
import dev.bts.kernel.memory.KernelAccounts;
import dev.bts.kernel.memory.KernelTasks;
import dev.bts.kernel.memory.MemlockLimit;
import dev.bts.kernel.sys.NativeBuffer;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.Rlimit;
import dev.bts.kernel.sys.Sys;
import dev.bts.kernel.testing.TraceePrograms;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * What tests of real sessions share: a tracer under a RLIMIT_MEMLOCK of its own, its ledger, a
 * sink, and an {@link Auditor} that reads /proc. Charges are made without CAP_IPC_LOCK.
 */
final class Stage implements AutoCloseable {
  static final long PAGE = 4096;
  private static final long POLL_MILLIS = 5;
  static final long LIMIT_BYTES = 8L << 20;

  final JournaledLedger ledger = new JournaledLedger();
  final KernelTracer tracer = new KernelTracer(ledger);
  final RecordingSink sink = new RecordingSink();
  final TaskIdentity self = KernelTasks.self();
  final Auditor auditor = new Auditor(ledger, new ProcCounters());
  private final MemlockLimit limit;

  Stage() {
    this(LIMIT_BYTES);
  }

  Stage(long limitBytes) {
    limit = new MemlockLimit(limitBytes);
    auditor.watch(Account.lockedVm(self.mm()));
    auditor.watch(Account.totalVm(self.mm()));
    auditor.watch(Account.userMemlock(self.principal()));
  }

  /** A request for a program of ours, whose charges the kernel may refuse to root too. */
  static TraceRequest.Builder program(String policy, String name, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(TraceePrograms.compile(name).toString());
    command.addAll(List.of(arguments));
    return with(policy, TraceRequest.command(command).withoutRandomization());
  }

  static TraceRequest.Builder with(String policy, TraceRequest.Builder target) {
    if (policy.equals("user")) {
      assumeOwnPool();
    }
    return target.mechanisms(Mechanism.SINGLE_STEP).policy(Policies.named(policy)).strict(true);
  }

  /**
   * Skips the test as root, whose locked memory is that of everything that runs as root. It runs in
   * {@link SessionsAsOrdinaryUserTest}, as a user that nobody else is.
   */
  static void assumeOwnPool() {
    Assumptions.assumeTrue(ownPool(), "others charge root's account too; runs as an ordinary user");
  }

  private static boolean ownPool() {
    return Sys.call(Sys.GETUID, 0, 0) != 0;
  }

  TraceSession open(TraceRequest.Builder request) {
    return tracer.open(request.build());
  }

  /** Lets an endless program branch so often, recorded or not, and pauses. */
  static void runForBranches(TraceSession session, long branches) {
    long goal = seen(session) + branches;
    session.start();
    await(() -> seen(session) >= goal);
    session.pause();
  }

  private static long seen(TraceSession session) {
    SessionStatus status = session.status();
    return status.branches() + status.lost();
  }

  /**
   * Waits, for as long as the test may take, until something has happened, looking again and again.
   */
  static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException timeout) {
        throw new AssertionError("time is up", timeout);
      }
    }
  }

  static long lockedPages(int pid) {
    return ProcFile.sharedPages(pid, "VmLck");
  }

  /** prlimit(2) of another process. */
  static void setMemlock(int pid, long bytes) {
    long hard = Rlimit.hard(pid, Rlimit.MEMLOCK_ROW);
    try (NativeBuffer limits = new NativeBuffer(Rlimit.BYTES)) {
      limits.bytes().putLong(Rlimit.SOFT_OFFSET, bytes).putLong(Rlimit.HARD_OFFSET, hard);
      Assertions.assertThat(Sys.call(Sys.PRLIMIT64, pid, Rlimit.MEMLOCK, limits.address(), 0))
          .isZero();
    }
  }

  /** Ends the test: the books are empty, and all counters are where they were. */
  @Override
  public void close() {
    try {
      auditor.checkNothingIsLeft();
    } finally {
      limit.close();
    }
  }

  /**
   * The kernel's counters: VmLck, the sizes of the buffers' own mappings for total_vm, which moves
   * by itself in a JVM, and what the user has locked, by probing.
   */
  private static final class ProcCounters implements Auditor.Counters {
    private final KernelAccounts probe = new KernelAccounts(true);
    private final TaskIdentity self = KernelTasks.self();

    @Override
    public OptionalLong pages(Account account) {
      if (!(account.owner() instanceof AccountOwner.AddressSpace mm)) {
        return ownPool() ? OptionalLong.of(probe.usedPages(account)) : OptionalLong.empty();
      }
      if (ProcFile.sharedField(mm.pid(), "VmLck").isEmpty()) {
        return OptionalLong.empty();
      }
      return OptionalLong.of(
          account.kind() == Account.Kind.LOCKED_VM
              ? lockedPages(mm.pid())
              : ProcFile.lines(ProcFile.shared(mm.pid(), "maps")).stream()
                  .filter(line -> line.contains(mm.equals(self.mm()) ? "bts:tracer" : "bts:tracee"))
                  .mapToLong(ProcCounters::mappedPages)
                  .sum());
    }

    private static long mappedPages(String line) {
      String[] range = line.split("[- ]", 3);
      return (Long.parseUnsignedLong(range[1], 16) - Long.parseUnsignedLong(range[0], 16)) / PAGE;
    }

    @Override
    public long limit(Account account) {
      return probe.limitPages(account, self);
    }
  }
}
