package dev.bts.sim;

import dev.bts.accounting.JournaledLedger;
import dev.bts.accounting.PerfPays;
import dev.bts.accounting.Policies;
import dev.bts.api.BranchTracer;
import dev.bts.api.ExitStatus;
import dev.bts.api.Mechanism;
import dev.bts.api.TraceRequest;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.contract.BackendFixture;
import dev.bts.api.contract.TraceSessionContract;
import dev.bts.sim.kernel.Machine;
import dev.bts.sim.kernel.ResourceLimits;
import dev.bts.sim.kernel.TaskGroup;
import dev.bts.sim.program.SyntheticProgram;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The contract kit on the simulated backend. */
class SimTracerContractTest extends TraceSessionContract {
  @Override
  protected BackendFixture createFixture() {
    return new SimFixture();
  }

  private static final class SimFixture implements BackendFixture {
    private static final int SIGKILL = 9;
    private static final long PAGE = 4096;

    private final JournaledLedger ledger = new JournaledLedger();
    private final Machine machine = new Machine();
    private final SimTracer tracer = new SimTracer(machine, ledger);

    SimFixture() {
      AccountOwner.Group group = new AccountOwner.Group("/bts");
      machine.move(tracer.tracer().group(), group);
      machine.memory().setLimit(group, ResourceLimits.STANDARD.memlockPages());
    }

    private static TraceRequest.Builder synthetic(String options) {
      return TraceRequest.command(List.of(("synthetic " + options).split(" ")));
    }

    @Override
    public BranchTracer tracer() {
      return tracer;
    }

    @Override
    public TraceRequest.Builder shortProgram() {
      return synthetic("--seed 7 --branches 2000 --exit 3");
    }

    @Override
    public ExitStatus shortProgramStatus() {
      return new ExitStatus(3, 0);
    }

    @Override
    public TraceRequest.Builder endlessProgram() {
      return synthetic("--seed 8 --endless");
    }

    @Override
    public Optional<TraceRequest.Builder> threadedProgram() {
      return Optional.of(synthetic("--seed 9 --branches 2000 --threads 3"));
    }

    @Override
    public Optional<TraceRequest.Builder> forkingProgram() {
      return Optional.of(synthetic("--seed 10 --branches 2000 --forks 1"));
    }

    @Override
    public Optional<TraceRequest.Builder> runningProgram() {
      SyntheticProgram program =
          SyntheticProgram.of(List.of("synthetic", "--seed", "11", "--endless"));
      return Optional.of(
          TraceRequest.process(machine.spawn(tracer.tracer(), program).group().pid()));
    }

    @Override
    public void kill(int pid) {
      TaskGroup process = machine.process(pid);
      if (process != null && process.exitStatus() == null) {
        machine.kill(process, SIGKILL);
        machine.step(process.tasks().get(0));
      }
    }

    @Override
    public boolean isAlive(int pid) {
      TaskGroup process = machine.process(pid);
      return process != null
          && process.exitStatus() == null
          && machine.isRunnable(process.tasks().get(0));
    }

    @Override
    public List<ChargingPolicy> policies() {
      return Policies.builtIn();
    }

    @Override
    public OptionalLong counterPages(Account account) {
      return OptionalLong.of(new MachineView(machine, true).usedPages(account));
    }

    @Override
    public Mechanism unsupportedMechanism() {
      return Mechanism.SINGLE_STEP;
    }

    @Override
    public OptionalLong unaffordableBytes(ChargingPolicy policy) {
      long gift = policy.name().equals(PerfPays.NAME) ? machine.memory().perfGiftPages() * PAGE : 0;
      return OptionalLong.of(gift + ResourceLimits.STANDARD.memlockBytes() + PAGE);
    }

    @Override
    public void close() {
      if (!ledger.liveReceipts().isEmpty()) {
        throw new AssertionError("charged after the test: " + ledger.liveReceipts());
      }
    }
  }
}
