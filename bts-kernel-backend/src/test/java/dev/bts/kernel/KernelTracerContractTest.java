package dev.bts.kernel;

import dev.bts.accounting.GroupPays;
import dev.bts.accounting.JournaledLedger;
import dev.bts.accounting.TraceePays;
import dev.bts.accounting.TracerPays;
import dev.bts.accounting.UserPays;
import dev.bts.api.BranchTracer;
import dev.bts.api.BufferSpec;
import dev.bts.api.ExitStatus;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.Mechanism;
import dev.bts.api.TraceRequest;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.api.contract.BackendFixture;
import dev.bts.api.contract.TraceSessionContract;
import dev.bts.kernel.memory.KernelAccounts;
import dev.bts.kernel.memory.KernelTasks;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.testing.Grandchild;
import dev.bts.kernel.testing.TraceePrograms;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.ToLongBiFunction;

/** The contract kit on the real kernel, by single-stepping. */
class KernelTracerContractTest extends TraceSessionContract {
  @Override
  protected BackendFixture createFixture() {
    return new KernelFixture(Mechanism.SINGLE_STEP);
  }

  /** What the kit must know of the kernel backend with some mechanism. */
  static final class KernelFixture implements BackendFixture {
    private static final long PAGE_BYTES = 4096;

    private final Mechanism mechanism;
    private final JournaledLedger ledger = new JournaledLedger();
    private final KernelTracer tracer = new KernelTracer(ledger);
    private final List<Integer> started = new ArrayList<>();

    KernelFixture(Mechanism mechanism) {
      this.mechanism = mechanism;
    }

    private TraceRequest.Builder program(String name) {
      return TraceRequest.command(TraceePrograms.compile(name).toString())
          .withoutRandomization()
          .mechanisms(mechanism);
    }

    @Override
    public BranchTracer tracer() {
      return tracer;
    }

    @Override
    public TraceRequest.Builder shortProgram() {
      return program("asm_short");
    }

    @Override
    public ExitStatus shortProgramStatus() {
      return new ExitStatus(3, 0);
    }

    @Override
    public TraceRequest.Builder endlessProgram() {
      return program("asm_endless");
    }

    @Override
    public Optional<TraceRequest.Builder> threadedProgram() {
      return Optional.of(program("asm_threads"));
    }

    @Override
    public Optional<TraceRequest.Builder> forkingProgram() {
      return Optional.of(program("asm_fork"));
    }

    @Override
    public Optional<TraceRequest.Builder> runningProgram() {
      int pid = Grandchild.start(TraceePrograms.compile("asm_endless").toString());
      started.add(pid);
      return Optional.of(TraceRequest.process(pid).mechanisms(mechanism));
    }

    @Override
    public void kill(int pid) {
      Grandchild.kill(pid);
    }

    @Override
    public boolean isAlive(int pid) {
      return Grandchild.runs(pid);
    }

    @Override
    public List<ChargingPolicy> policies() {
      List<ChargingPolicy> policies =
          new ArrayList<>(List.of(new TraceePays(), new TracerPays(), new UserPays()));
      if (groupPages(KernelAccounts::usedPages).isPresent()) {
        policies.add(new GroupPays());
      }
      return policies;
    }

    /** Returns a number of the tracer's own control group, empty where it cannot be read. */
    private static OptionalLong groupPages(ToLongBiFunction<KernelAccounts, Account> number) {
      Account own = Account.groupMemory(KernelTasks.self().group());
      try {
        return OptionalLong.of(number.applyAsLong(new KernelAccounts(true), own));
      } catch (InvalidRequestException unreadable) {
        return OptionalLong.empty();
      }
    }

    @Override
    public OptionalLong counterPages(Account account) {
      // These move by themselves.
      return account.kind() == Account.Kind.TOTAL_VM || account.kind() == Account.Kind.GROUP_MEMORY
          ? OptionalLong.empty()
          : OptionalLong.of(new KernelAccounts(true).usedPages(account));
    }

    @Override
    public Mechanism unsupportedMechanism() {
      return Mechanism.SIMULATED;
    }

    @Override
    public OptionalLong unaffordableBytes(ChargingPolicy policy) {
      if (policy.name().equals(GroupPays.NAME)) {
        long most = BufferSpec.MAX_BYTES / PAGE_BYTES;
        TaskIdentity self = KernelTasks.self();
        return groupPages((accounts, own) -> accounts.limitPages(own, self))
                    .orElse(AccountView.UNLIMITED)
                < most
            ? OptionalLong.of(BufferSpec.MAX_BYTES)
            : OptionalLong.empty();
      }
      for (String line : ProcFile.lines("/proc/self/limits")) {
        if (line.startsWith("Max locked memory")) {
          String soft = line.split(" +", -1)[3];
          return soft.equals("unlimited")
              ? OptionalLong.empty()
              : OptionalLong.of(Long.parseLong(soft) + PAGE_BYTES);
        }
      }
      throw new IllegalStateException("no limit in /proc/self/limits");
    }

    @Override
    public void close() {
      started.forEach(Grandchild::kill);
      if (!ledger.liveReceipts().isEmpty()) {
        throw new AssertionError("charged after the test: " + ledger.liveReceipts());
      }
    }
  }
}
