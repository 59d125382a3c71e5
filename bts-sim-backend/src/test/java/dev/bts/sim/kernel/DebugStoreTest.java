package dev.bts.sim.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.ConfigFlag;
import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.Bts24;
import dev.bts.sim.program.SyntheticProgram;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** CPUs write branches to the Debug Store area of the task that they run, and ptrace reads it. */
class DebugStoreTest {
  private static final long PAGE = 4096;
  private static final int SIGUSR1 = 10;
  private static final Set<ConfigFlag> TRACE = Set.of(ConfigFlag.ALLOC, ConfigFlag.TRACE);
  private static final Set<ConfigFlag> SIGNAL =
      Set.of(ConfigFlag.ALLOC, ConfigFlag.TRACE, ConfigFlag.SIGNAL);

  private final Machine machine = new Machine();
  private final BtsCalls calls = new BtsCalls(machine);
  private final Watcher watcher = new Watcher();
  private final Task tracer =
      machine.boot(Credentials.user(1000), new ResourceLimits(1000 * PAGE, 10 * PAGE));
  private Task task = machine.spawn(tracer, program());

  private static SyntheticProgram program() {
    return SyntheticProgram.of(List.of("synthetic", "--endless"));
  }

  /** Keeps the branches of each task, and the signals. */
  private static final class Watcher implements TaskObserver {
    private final Map<Task, List<Long>> branches = new HashMap<>();
    private final List<Integer> signals = new ArrayList<>();

    List<Long> of(Task task) {
      return branches.getOrDefault(task, List.of());
    }

    @Override
    public void branched(Task task, long from, long to) {
      branches.computeIfAbsent(task, key -> new ArrayList<>()).addAll(List.of(from, to));
    }

    @Override
    public void cloned(Task parent, Task child) {}

    @Override
    public void forked(Task parent, Task child) {}

    @Override
    public void leaving(Task task) {}

    @Override
    public void execed(Task task, AddressSpace left) {}

    @Override
    public void signalled(Task task, int signal) {
      signals.add(signal);
    }

    @Override
    public void exited(Task task, boolean processGone) {}
  }

  private static void assertRefused(Errno errno, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SystemCallException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }

  private static List<Long> edges(List<BranchRecord> records) {
    List<Long> edges = new ArrayList<>();
    records.stream()
        .filter(record -> record.from() != BtsCalls.ESCAPE)
        .forEach(record -> edges.addAll(List.of(record.from(), record.to())));
    return edges;
  }

  private void run(Task which, int steps) {
    for (int i = 0; i < steps; i++) {
      machine.step(which);
    }
  }

  @BeforeEach
  void trace() throws SystemCallException {
    machine.trace(tracer, task, watcher);
  }

  @Test
  void theAreaGoesWithTheTaskFromSwitchToSwitch() throws SystemCallException {
    machine.spawn(tracer, program()); // It runs on the other CPU.
    Task other = machine.spawn(tracer, program());
    assertThat(other.cpu()).isEqualTo(task.cpu());
    machine.trace(tracer, other, watcher);
    Set<ConfigFlag> flags = Set.of(ConfigFlag.ALLOC, ConfigFlag.TRACE, ConfigFlag.SCHED);
    calls.config(tracer, task, 2 * PAGE, flags, 0);
    calls.config(tracer, other, 2 * PAGE, flags, 0);
    for (int turn = 0; turn < 5; turn++) {
      run(task, 7);
      run(other, 11);
    }
    for (Task each : List.of(task, other)) {
      List<BranchRecord> records = calls.drain(tracer, each);
      assertThat(edges(records)).isEqualTo(watcher.of(each)).hasSizeGreaterThan(60);
      List<BranchRecord> switches =
          records.stream().filter(record -> record.from() == BtsCalls.ESCAPE).toList();
      assertThat(switches).hasSize(each == task ? 10 : 9);
      for (int i = 0; i < switches.size(); i++) {
        int qualifier = i % 2 == 0 ? BtsCalls.ARRIVES : BtsCalls.DEPARTS;
        assertThat(switches.get(i).flags()).isEqualTo(qualifier);
        assertThat(switches.get(i).tid()).isEqualTo(each.tid());
        assertThat(i == 0 || switches.get(i - 1).to() < switches.get(i).to()).isTrue();
      }
      assertThat(calls.size(tracer, each)).isZero();
    }
  }

  @Test
  void withoutASignalTheAreaWrapsAndKeepsTheNewest() throws SystemCallException {
    long records = 10;
    calls.config(tracer, task, records * Bts24.RECORD_BYTES, TRACE, 0);
    run(task, 200);
    List<Long> all = watcher.of(task);
    assertThat(calls.size(tracer, task)).isEqualTo(records);
    BranchRecord newest = calls.get(tracer, task, 0);
    assertThat(List.of(newest.from(), newest.to()))
        .isEqualTo(all.subList(all.size() - 2, all.size()));
    assertRefused(Errno.EINVAL, () -> calls.get(tracer, task, records));
    assertRefused(Errno.EINVAL, () -> calls.get(tracer, task, -1));
    assertThat(edges(calls.drain(tracer, task)))
        .isEqualTo(all.subList(all.size() - 2 * (int) records, all.size()));
    assertThat(watcher.signals).isEmpty();
  }

  @Test
  void atTheThresholdTheTaskIsSentTheSignalAndTheAreaKeepsTheOldest() throws SystemCallException {
    long records = 10;
    calls.config(tracer, task, records * Bts24.RECORD_BYTES, SIGNAL, SIGUSR1);
    run(task, 50);
    List<Long> all = watcher.of(task);
    assertThat(watcher.signals).containsExactly(SIGUSR1);
    BtsCalls.Status status = calls.status(tracer, task);
    assertThat(status.interrupts()).isEqualTo(1);
    assertThat(status.signal()).isEqualTo(SIGUSR1);
    assertThat(status.lost()).isEqualTo(all.size() / 2 - records);
    assertThat(edges(calls.drain(tracer, task))).isEqualTo(all.subList(0, 2 * (int) records));
    run(task, 50);
    assertThat(calls.status(tracer, task).interrupts()).isEqualTo(2);
    calls.clear(tracer, task);
    assertThat(calls.size(tracer, task)).isZero();
  }

  @Test
  void aSwitchThatReachesTheThresholdSendsTheSignalToo() throws SystemCallException {
    machine.spawn(tracer, program()); // It runs on the other CPU.
    Task other = machine.spawn(tracer, program());
    assertThat(other.cpu()).isEqualTo(task.cpu());
    Set<ConfigFlag> flags = Set.of(ConfigFlag.ALLOC, ConfigFlag.SCHED, ConfigFlag.SIGNAL);
    calls.config(tracer, task, 5 * Bts24.RECORD_BYTES, flags, SIGUSR1);
    for (int turn = 0; turn < 5; turn++) {
      run(task, 3);
      run(other, 3);
    }
    assertThat(calls.status(tracer, task).interrupts()).isEqualTo(1);
    assertThat(watcher.signals).containsExactly(SIGUSR1);
  }

  @Test
  void recordingIsSwitchedOffAndOnWithoutANewBuffer() throws SystemCallException {
    calls.config(tracer, task, PAGE, TRACE, 0);
    calls.config(tracer, task, 0, Set.of(), 0);
    run(task, 20);
    assertThat(calls.size(tracer, task)).isZero();
    assertThat(tracer.mm().lockedPages()).isEqualTo(1);
    calls.config(tracer, task, 0, Set.of(ConfigFlag.TRACE), 0);
    run(task, 20);
    assertThat(calls.size(tracer, task)).isPositive();
  }

  @Test
  void theTracerPaysUnderItsLimitsAndIsRefunded() throws SystemCallException {
    long total = tracer.mm().totalPages();
    calls.config(tracer, task, 4 * PAGE, TRACE, 0);
    assertThat(tracer.mm().lockedPages()).isEqualTo(4);
    assertThat(tracer.mm().totalPages()).isEqualTo(total + 4);
    assertThat(task.mm().lockedPages()).isZero();
    calls.config(tracer, task, 6 * PAGE + 1, TRACE, 0);
    assertThat(tracer.mm().lockedPages()).isEqualTo(7);
    assertRefused(Errno.ENOMEM, () -> calls.config(tracer, task, 11 * PAGE, TRACE, 0));
    assertThat(tracer.mm().lockedPages()).as("the old buffer is gone").isZero();
    assertThat(calls.status(tracer, task).bytes()).isZero();
    assertRefused(Errno.EINVAL, () -> calls.size(tracer, task));
    calls.config(tracer, task, 10 * PAGE, TRACE, 0);
    machine.letGo(task);
    assertThat(tracer.mm().lockedPages()).isZero();
    assertThat(tracer.mm().totalPages()).isEqualTo(total);
    assertRefused(Errno.ESRCH, () -> calls.config(tracer, task, PAGE, TRACE, 0));
    run(task, 20);
  }

  @Test
  void theTaskEndsAndTheTracerIsRefunded() throws SystemCallException {
    calls.config(tracer, task, 4 * PAGE, TRACE, 0);
    run(task, 20);
    machine.kill(task.group(), 9);
    run(task, 1);
    assertThat(task.isGone()).isTrue();
    assertThat(tracer.mm().lockedPages()).isZero();
    assertRefused(Errno.ESRCH, () -> calls.size(tracer, task));
  }

  @Test
  void theAreaEndsWithTheAddressSpaceThatPaysForIt() throws SystemCallException {
    calls.config(tracer, task, 4 * PAGE, TRACE, 0);
    run(task, 20);
    new ProcessCalls(machine, 4, 2).exec(tracer);
    assertThat(tracer.mm().lockedPages()).isZero();
    assertThat(calls.status(tracer, task).bytes()).isZero();
    run(task, 20);
    calls.config(tracer, task, 2 * PAGE, TRACE, 0);
    assertThat(tracer.mm().lockedPages()).isEqualTo(2);
    machine.exit(tracer);
    run(task, 20);
    assertThat(task.isGone()).isFalse();
  }

  @Test
  void aForkedChildHasNoArea() throws SystemCallException {
    task = machine.spawn(tracer, SyntheticProgram.of(List.of("synthetic", "--forks", "1")));
    machine.trace(tracer, task, watcher);
    calls.config(tracer, task, PAGE, TRACE, 0);
    while (task.group().children().isEmpty()) {
      run(task, 1);
    }
    Task child = task.group().children().iterator().next().tasks().get(0);
    assertThat(child.debugStore()).isNull();
    long before = calls.size(tracer, task);
    run(child, 20);
    assertThat(calls.size(tracer, task)).isEqualTo(before);
  }

  @Test
  void aCpuGoesOfflineAndTheAreaGoesOnWithItsTaskOnAnother() throws SystemCallException {
    Set<ConfigFlag> flags = Set.of(ConfigFlag.ALLOC, ConfigFlag.TRACE, ConfigFlag.SCHED);
    calls.config(tracer, task, 2 * PAGE, flags, 0);
    int first = task.cpu();
    run(task, 9);
    machine.setOnline(first, false);
    assertThat(task.cpu()).isNotEqualTo(first);
    assertThat(tracer.mm().lockedPages()).as("it is charged as before").isEqualTo(2);
    run(task, 9);
    List<BranchRecord> records = calls.drain(tracer, task);
    assertThat(edges(records)).isEqualTo(watcher.of(task)).isNotEmpty();
    assertThat(records.stream().filter(record -> record.from() == BtsCalls.ESCAPE))
        .extracting(BranchRecord::flags)
        .containsExactly(BtsCalls.ARRIVES, BtsCalls.DEPARTS, BtsCalls.ARRIVES);
    assertThat(machine.spawn(tracer, program()).cpu()).isEqualTo(task.cpu());
    assertThat(machine.spawn(tracer, program()).cpu()).isEqualTo(task.cpu());
    assertRefused(Errno.EBUSY, () -> machine.setOnline(task.cpu(), false));
    assertRefused(Errno.EINVAL, () -> machine.setOnline(Memory.CPUS, false));
    machine.setOnline(first, true);
    machine.setOnline(task.cpu(), false);
    assertThat(task.cpu()).isEqualTo(first);
    run(task, 9);
    calls.config(tracer, task, 0, Set.of(ConfigFlag.ALLOC), 0);
    assertThat(tracer.mm().lockedPages()).isZero();
  }

  @Test
  void wrongCallsAreRefused() {
    Task stranger = machine.boot(Credentials.user(1000), ResourceLimits.STANDARD);
    assertRefused(Errno.ESRCH, () -> calls.config(stranger, task, PAGE, TRACE, 0));
    assertRefused(Errno.EINVAL, () -> calls.config(tracer, task, PAGE, SIGNAL, 0));
    assertRefused(Errno.EINVAL, () -> calls.config(tracer, task, PAGE, SIGNAL, 65));
    assertRefused(Errno.EINVAL, () -> calls.config(tracer, task, 1, TRACE, 0));
    assertRefused(Errno.EINVAL, () -> calls.config(tracer, task, 0, Set.of(ConfigFlag.TRACE), 0));
    assertThat(tracer.mm().lockedPages()).isZero();
  }
}
