package dev.bts.sim.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.ExitStatus;
import dev.bts.sim.program.SyntheticProgram;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class MachineTest {
  private static final Credentials USER = Credentials.user(1000);

  private final Machine machine = new Machine();
  private final Task shell = machine.boot(USER, ResourceLimits.STANDARD);

  /** Notes what it is told, one word each. */
  private static final class Notes implements TaskObserver {
    private final List<String> words = new ArrayList<>();
    private final List<Task> started = new ArrayList<>();
    private long branches;

    @Override
    public void branched(Task task, long from, long to) {
      branches++;
    }

    @Override
    public void cloned(Task parent, Task child) {
      words.add("cloned");
      started.add(child);
    }

    @Override
    public void forked(Task parent, Task child) {
      words.add("forked");
      started.add(child);
    }

    @Override
    public void leaving(Task task) {
      assertThat(task.mm().isAlive()).isTrue();
    }

    @Override
    public void execed(Task task, AddressSpace left) {
      words.add("execed");
      assertThat(left.isAlive()).isFalse();
      assertThat(task.mm().isAlive()).isTrue();
    }

    @Override
    public void signalled(Task task, int signal) {
      words.add("signal " + signal);
    }

    @Override
    public void exited(Task task, boolean processGone) {
      words.add(processGone ? "process exited" : "thread exited");
    }
  }

  private Task spawn(String options) {
    return machine.spawn(shell, SyntheticProgram.of(List.of(("synthetic " + options).split(" "))));
  }

  private void runToEnd(Task task) {
    while (task.group().exitStatus() == null) {
      Task next = Objects.requireNonNull(machine.next(t -> true), "everybody waits");
      machine.step(next);
    }
  }

  @Test
  void aProcessEndsWithItsStatusAndIsAZombieUntilItIsReaped() {
    Task task = spawn("--branches 10 --exit 4");
    runToEnd(task);
    TaskGroup zombie = Objects.requireNonNull(machine.process(task.tid()));
    assertThat(zombie.exitStatus()).isEqualTo(new ExitStatus(4, 0));
    assertThat(machine.task(task.tid())).isNull();
    assertThat(machine.addressSpace(task.mm().identity())).isNull();
    machine.reap(zombie);
    assertThat(machine.process(task.tid())).isNull();
  }

  @Test
  void timeIsTheNumberOfSteps() {
    Task task = spawn("--branches 10");
    runToEnd(task);
    // Ten branches, the join, the step that ends it, and the exit.
    assertThat(machine.now()).isEqualTo(13);
  }

  @Test
  void threadsShareAnAddressSpaceWhichLivesAsLongAsOneOfThem() {
    Notes notes = new Notes();
    Task task = spawn("--branches 100 --threads 3");
    trace(task, notes);
    AddressSpace mm = task.mm();
    runToEnd(task);
    assertThat(notes.started).hasSize(2).allSatisfy(t -> assertThat(t.mm()).isSameAs(mm));
    assertThat(notes.words)
        .containsExactly("cloned", "cloned", "thread exited", "thread exited", "process exited");
    assertThat(notes.branches).isEqualTo(300);
    assertThat(mm.isAlive()).isFalse();
    assertThat(mm.totalPages()).isZero();
  }

  @Test
  void aForkedChildHasTheMappingsButNotTheLocksOfItsParent() throws SystemCallException {
    Notes notes = new Notes();
    Task task = spawn("--branches 100 --forks 1");
    trace(task, notes);
    long inherited = task.mm().totalPages();
    machine.memory().mapLocked(task, 5, USER);
    while (notes.started.isEmpty()) {
      machine.step(task);
    }
    AddressSpace child = notes.started.get(0).mm();
    assertThat(child).isNotSameAs(task.mm());
    assertThat(child.totalPages()).isEqualTo(inherited);
    assertThat(child.lockedPages()).isZero();
    assertThat(task.mm().lockedPages()).isEqualTo(5);
    runToEnd(task);
    assertThat(notes.branches).as("the child is not traced unasked").isEqualTo(100);
  }

  @Test
  void execReplacesTheAddressSpaceAndItsLocksAreGone() throws SystemCallException {
    Notes notes = new Notes();
    Task task = spawn("--branches 10 --execs 1");
    trace(task, notes);
    AddressSpace before = task.mm();
    machine.memory().mapLocked(task, 5, USER);
    runToEnd(task);
    assertThat(notes.words).containsExactly("execed", "process exited");
    assertThat(before.lockedPages()).isZero();
    assertThat(task.mm().identity()).isNotEqualTo(before.identity());
    assertThat(task.mm().identity().pid()).isEqualTo(before.identity().pid());
  }

  @Test
  void aSignalEndsAllThreadsOfAProcess() {
    Notes notes = new Notes();
    Task task = spawn("--endless --threads 2");
    trace(task, notes);
    while (notes.started.isEmpty()) {
      machine.step(task);
    }
    machine.kill(task.group(), 15);
    runToEnd(task);
    assertThat(task.group().exitStatus()).isEqualTo(new ExitStatus(0, 15));
    assertThat(notes.words)
        .containsExactly("cloned", "signal 15", "thread exited", "process exited");
  }

  @Test
  void aProcessThatWaitsCanBeKilled() {
    Task task = spawn("--branches 0 --forks 1");
    machine.step(task);
    Task child = Objects.requireNonNull(machine.task(task.tid() + 1));
    machine.step(task);
    assertThat(machine.isRunnable(task)).as("it waits for its child").isFalse();
    machine.kill(task.group(), 9);
    machine.step(task);
    assertThat(task.isGone()).isTrue();
    assertThat(child.group().parentPid()).isZero();
    runToEnd(child);
    assertThat(machine.process(child.tid())).as("nobody's zombies do not stay").isNull();
  }

  @Test
  void aParentReapsTheChildrenItWaitsFor() {
    Task task = spawn("--branches 10 --forks 3");
    runToEnd(task);
    for (int pid = task.tid() + 1; pid <= task.tid() + 3; pid++) {
      assertThat(machine.process(pid)).isNull();
    }
  }

  @Test
  void tasksTakeTurns() {
    Task first = spawn("--endless");
    Task second = spawn("--endless");
    List<Task> turns = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      turns.add(Objects.requireNonNull(machine.next(t -> true)));
    }
    assertThat(turns).containsExactly(first, second, first, second);
  }

  @Test
  void untracedTasksRunWhenSomebodyLetsThem() {
    Task task = spawn("--branches 10");
    assertThat(machine.runUntraced(5)).isEqualTo(5);
    assertThat(machine.runUntraced(1000)).isEqualTo(8);
    assertThat(task.isGone()).isTrue();
    assertThat(machine.runUntraced(1)).isZero();
  }

  @Test
  void aTaskIsTracedByOneAndByItsOwnUserOrACapableOne() throws SystemCallException {
    Task task = spawn("--endless");
    Task stranger = machine.boot(Credentials.user(2000), ResourceLimits.STANDARD);
    assertErrno(Errno.EPERM, () -> machine.trace(stranger, task, new Notes()));
    machine.setCredentials(stranger, stranger.credentials().with(Capability.CAP_SYS_PTRACE));
    machine.trace(stranger, task, new Notes());
    assertErrno(Errno.EPERM, () -> machine.trace(shell, task, new Notes()));
    machine.letGo(task);
    machine.trace(shell, task, new Notes());
    machine.kill(task.group(), 9);
    machine.step(task);
    assertErrno(Errno.ESRCH, () -> machine.trace(shell, task, new Notes()));
  }

  @Test
  void aTaskThatCannotRunIsNotStepped() {
    Task waits = spawn("--branches 0 --forks 1");
    machine.step(waits);
    machine.step(waits);
    assertThatThrownBy(() -> machine.step(waits)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> machine.step(shell)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> machine.reap(waits.group())).isInstanceOf(IllegalStateException.class);
  }

  private void trace(Task task, TaskObserver observer) {
    try {
      machine.trace(shell, task, observer);
    } catch (SystemCallException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertErrno(Errno errno, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SystemCallException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }

  @Test
  void aChildAsksItsParentToTraceItWhateverUserThatIsButNoLessCapable() throws SystemCallException {
    Notes notes = new Notes();
    Task child = spawn("--endless");
    machine.setCredentials(child, Credentials.user(2000));
    assertThatThrownBy(() -> machine.trace(shell, child, notes))
        .isInstanceOf(SystemCallException.class);
    machine.traceMe(child, notes);
    assertThat(child.tracer()).isEqualTo(shell);
    machine.step(child);
    assertThat(notes.branches).isPositive();
    assertEperm(() -> machine.traceMe(child, notes));
    assertEperm(() -> machine.traceMe(shell, notes));
    Task capable = spawn("--endless");
    machine.setCredentials(capable, Credentials.root());
    assertEperm(() -> machine.traceMe(capable, notes));
  }

  private static void assertEperm(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SystemCallException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EPERM));
  }
}
