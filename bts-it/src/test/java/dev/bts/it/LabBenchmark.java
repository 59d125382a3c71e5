package dev.bts.it;

import com.sun.management.OperatingSystemMXBean;
import dev.bts.accounting.Policies;
import dev.bts.sim.kernel.Credentials;
import dev.bts.sim.kernel.Machine;
import dev.bts.sim.kernel.ResourceLimits;
import dev.bts.sim.kernel.Task;
import dev.bts.sim.lab.Exploration;
import dev.bts.sim.lab.Explorer;
import dev.bts.sim.lab.Search;
import dev.bts.sim.program.SyntheticProgram;
import dev.bts.sim.rules.Bounds;
import dev.bts.sim.rules.PolicyRules;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Measures the lab: the explorer beside SPIN, one after the other in one run, each in one thread,
 * on bts with the policy {@code tracee}, three tasks, one user, two buffers of one page; and before
 * that the steps of the simulated machine.
 *
 * <p>The same states and the same steps are counted on both sides, and compared: without symmetry,
 * which SPIN does not have. What symmetry saves is printed beside it. Rates are those of CPU time,
 * of the whole process, so that they depend little on who else uses the machine; that of the
 * explorer has the virtual machine's compiler and collector in it. SPIN's table has as many slots
 * as the explorer's has in the end.
 */
final class LabBenchmark {
  private static final Bounds BOUNDS = Bounds.SMALL.withActors(3, 1).withBuffers(2, 1);
  private static final long MACHINE_STEPS = 10_000_000;
  private static final int TABLE_BITS = 24;
  private static final double NANOS_PER_SECOND = 1e9;

  /** SPIN prints eight digits. */
  private static final double PRECISION = 1e-7;

  private LabBenchmark() {}

  /** Takes no arguments. */
  public static void main(String[] arguments) throws IOException {
    System.out.printf("simulated machine: %.0f steps/CPU s%n", machineStepsPerSecond());
    if (SpinModel.lacking().isPresent()) {
      System.out.println("SKIPPED: " + SpinModel.lacking().get());
      return;
    }
    System.out.println("policy tracee, " + BOUNDS);
    System.out.printf(
        "%-24s %12s %14s %8s %8s %12s %12s %12s%n",
        "", "states", "steps", "wall s", "CPU s", "states/CPU s", "steps/CPU s", "bytes/state");
    Search search = Search.of(PolicyRules.of(Policies.named("tracee")), BOUNDS).withThreads(1);
    SpinModel.Result all = explore(search.withoutSymmetry());
    print("explorer", all);
    Path directory = Files.createDirectories(Path.of("target/spin"));
    SpinModel.Result spin = SpinModel.compile(BOUNDS, directory, "-O2", TABLE_BITS).check();
    print("spin", spin);
    print("explorer, symmetry", explore(search));
    if (spin.states() != all.states()
        || Math.abs(spin.steps() - all.steps()) > PRECISION * all.steps()) {
      throw new IllegalStateException("the two are not the same machine");
    }
    System.out.printf(
        "ratio of states/CPU s: %.2f%n",
        all.states() / all.cpuSeconds() / (spin.states() / spin.cpuSeconds()));
  }

  /** Two programs that nobody traces branch in turn. */
  private static double machineStepsPerSecond() {
    Machine machine = new Machine();
    Task parent = machine.boot(Credentials.user(1000), ResourceLimits.STANDARD);
    for (int i = 0; i < 2; i++) {
      machine.spawn(parent, SyntheticProgram.of(List.of("synthetic", "--endless")));
    }
    machine.runUntraced(MACHINE_STEPS);
    double began = cpuSeconds();
    long made = machine.runUntraced(MACHINE_STEPS);
    return made / (cpuSeconds() - began);
  }

  private static double cpuSeconds() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime()
        / NANOS_PER_SECOND;
  }

  private static SpinModel.Result explore(Search search) {
    double began = cpuSeconds();
    Exploration found = Explorer.explore(search);
    double cpuSeconds = cpuSeconds() - began;
    if (found.verdict() != Exploration.Verdict.HOLDS) {
      throw new IllegalStateException(found.sentence());
    }
    return new SpinModel.Result(
        found.states(),
        found.transitions(),
        found.bytes(),
        found.nanos() / NANOS_PER_SECOND,
        cpuSeconds);
  }

  private static void print(String who, SpinModel.Result result) {
    System.out.printf(
        "%-24s %12d %14.0f %8.1f %8.1f %12.0f %12.0f %12.1f%n",
        who,
        result.states(),
        result.steps(),
        result.seconds(),
        result.cpuSeconds(),
        result.states() / result.cpuSeconds(),
        result.steps() / result.cpuSeconds(),
        result.bytes() / result.states());
  }
}
