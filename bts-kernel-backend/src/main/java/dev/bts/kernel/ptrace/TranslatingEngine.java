package dev.bts.kernel.ptrace;

import dev.bts.api.BtsException;
import dev.bts.api.KernelException;
import dev.bts.api.Mechanism;
import dev.bts.kernel.software.Translation;
import dev.bts.kernel.sys.Ptrace;
import dev.bts.kernel.sys.Signals;
import dev.bts.kernel.sys.UserRegs;

/**
 * The mechanism {@code SOFTWARE_BTS}: user code runs in a translation that records its branches,
 * and what cannot be translated is single-stepped.
 *
 * <p>Between two stops a task runs in the cache; at every stop it is put back at once to where it
 * would be natively ({@link Restoration}). So everybody else sees a task that stands in the
 * program, and system calls, signals and their handlers' frames, forks and execs are those of a
 * stepped one.
 */
final class TranslatingEngine implements Engine {
  /** A stop across CPUs costs three times as much, so few of them are to come between two areas. */
  private static final int EXITS_APART = 32;

  private final Stops stops;
  private final Waiter waiter;
  private final TaskTree tree;
  private final Stepper stepper;
  private final SharedCpu sharedCpu;
  private final Observer observer;
  private final Admission admission;

  TranslatingEngine(
      Stops stops,
      Waiter waiter,
      TaskTree tree,
      Stepper stepper,
      SharedCpu sharedCpu,
      Observer observer,
      SharedPages pages,
      InjectedCalls calls) {
    this.sharedCpu = sharedCpu;
    this.stops = stops;
    this.waiter = waiter;
    this.tree = tree;
    this.stepper = stepper;
    this.observer = observer;
    admission = new Admission(stops, calls, waiter.errands(), observer, pages);
  }

  @Override
  public Mechanism mechanism() {
    return Mechanism.SOFTWARE_BTS;
  }

  @Override
  public void prepare(Task task) {
    stepper.prepare(task);
  }

  @Override
  public void resume(Task task) {
    long entry = 0;
    if (Translatable.now(task)) {
      entry = entry(task);
    }
    task.stepNext = false;
    if (entry == 0) {
      stepper.resume(task);
    } else {
      enter(task, entry);
    }
  }

  /** Returns where a task's code is in the cache, 0 if it has to be stepped. */
  private long entry(Task task) {
    int kind = Site.kind(task.site);
    if (kind == Site.SYSTEM_CALL || kind == Site.OTHER_SYSTEM_CALL) {
      return 0;
    }
    AddressSpace memory = task.tracee().memory();
    try {
      Translation translation = memory.translation();
      if (translation == null) {
        translation = admission.begin(task, this::takeEverybodyOut);
        if (translation == null) {
          return 0;
        }
      }
      admission.watchWrites(task, translation);
      int arenas = translation.arenas();
      long entry = translation.entry(task.address);
      if (entry == Translation.FULL) {
        memory.forgetCode();
        entry = translation.entry(task.address);
      }
      if (translation.arenas() != arenas) {
        leadTrapsThrough(task, translation);
      }
      // With no room even now there is none for this code, which is stepped.
      boolean isThere = entry != 0 && entry != Translation.FULL;
      return isThere && takeArea(task, translation) ? entry : 0;
    } catch (BtsException failed) {
      requireAlive(task);
      admission.giveUp(task, failed.explanation().toString());
      return 0;
    }
  }

  /** Finds a thread its area; one that gets none is stepped, others of its process are not. */
  private boolean takeArea(Task task, Translation translation) {
    if (task.withoutArea) {
      return false;
    }
    try {
      task.area = translation.area(task.tid(), tree.tids());
      if (task.filled && task.mayWiden) {
        widen(task, translation);
      }
      return true;
    } catch (BtsException refused) {
      requireAlive(task);
      task.withoutArea = true;
      observer.untranslatable(task, refused.explanation().toString());
      return false;
    }
  }

  private static void widen(Task task, Translation translation) {
    try {
      translation.widen(task.area());
    } catch (BtsException refused) {
      requireAlive(task);
      // Then the task waits while its area is read, as it did before.
      task.mayWiden = false;
    }
  }

  private static void requireAlive(Task task) {
    if (!Waiter.isInTracingStop(task.tid())) {
      throw new TaskVanished(task.tid());
    }
  }

  /** Lets the handler for SIGTRAP know the cache, before anybody enters it. */
  private void leadTrapsThrough(Task task, Translation translation) {
    long cave = task.tracee().memory().cave();
    long routine =
        translation.writeTrapRoutine(cave + CaveLayout.STEP_HANDLER, cave + CaveLayout.TRAP_SORTER);
    stops.pokeWord(task.tid(), cave + CaveLayout.TRAP_VECTOR, routine);
  }

  private void enter(Task task, long entry) {
    if (task.apart > 0) {
      task.apart--;
    } else {
      sharedCpu.pin(task);
    }
    stepper.arriveOnCpu(task);
    task.programGs = task.registers.get(UserRegs.GS_BASE);
    run(task, entry);
  }

  private static void run(Task task, long entry) {
    Registers registers = task.registers;
    task.area().setProgramGs(task.programGs);
    registers.set(UserRegs.GS_BASE, task.area().address());
    registers.set(UserRegs.RIP, entry);
    registers.store(task.tid());
    task.translated = true;
    task.trapFlagged = false;
    task.setState(Task.State.RUNNING);
    Stops.resume(Ptrace.CONT, task.tid(), 0);
  }

  private static Translation translation(Task task) {
    Translation translation = task.tracee().memory().translation();
    if (translation == null) {
      throw new IllegalStateException("task " + task.tid() + " runs in a cache that there is not");
    }
    return translation;
  }

  @Override
  public boolean signalled(Task task, int signal) {
    if (task.stopDone) {
      task.stopDone = false;
      task.setState(Task.State.STANDING);
      return true;
    }
    if (!task.translated) {
      return stepper.signalled(task, signal);
    }
    task.registers.fetch(task.tid());
    return (signal == Signals.SIGTRAP && turnOver(task)) || leave(task, signal);
  }

  /**
   * Lets a task whose area is full go on at once with the other half of it, on another CPU, and
   * reads the full one meanwhile.
   */
  private boolean turnOver(Task task) {
    Translation translation = translation(task);
    long exit = task.registers.rip() - 1;
    if (task.stopDue || !task.area().isFull() || !translation.isExit(exit)) {
      return false;
    }
    long entry = translation.turnOver(task.area(), exit);
    if (entry == 0) {
      return false;
    }
    stops.disguiseTrap(task.tid());
    SharedCpu.unpin(task);
    task.apart = EXITS_APART;
    run(task, entry);
    new Restoration(observer, task, translation).tellSpare();
    return true;
  }

  /** Brings all threads that run in a cache to a stop, and home; what they stopped for is kept. */
  private void takeEverybodyOut(AddressSpace memory) {
    for (Task task : tree.usersOf(memory)) {
      if (task.translated) {
        try {
          takeOut(task);
          // Who writes to the very code that it runs in would be taken out again and again.
          task.stepNext = true;
        } catch (TaskVanished killed) {
          task.translated = false;
          task.setState(Task.State.DYING);
        }
      }
    }
  }

  private void takeOut(Task task) {
    task.interrupt();
    int status = waiter.waitFor(task.tid());
    while (isBeforeTrap(task, status)) {
      // The kernel reports the stop before the trap of a way out, which comes now.
      task.interrupted = false;
      Stops.resume(Ptrace.CONT, task.tid(), 0);
      status = waiter.waitFor(task.tid());
    }
    waiter.putBack(task.tid(), status);
    if (Ptrace.stopped(status)) {
      task.registers.fetch(task.tid());
      if (Ptrace.event(status) == 0) {
        task.stopDone = leave(task, Ptrace.stopSignal(status));
      } else {
        comeHome(task, translation(task));
      }
      task.setState(Task.State.RUNNING);
    }
  }

  private boolean isBeforeTrap(Task task, int status) {
    try {
      return Ptrace.event(status) == Ptrace.EVENT_STOP && TraceLoop.trapIsDue(task);
    } catch (KernelException unreadable) {
      // Who lets the task go must not wait for a stop that was seen here.
      waiter.putBack(task.tid(), status);
      throw unreadable;
    }
  }

  /**
   * Takes a task home that has stopped in the cache for a signal.
   *
   * @return whether the signal is the cache's and not the program's
   */
  private boolean leave(Task task, int signal) {
    Translation translation = translation(task);
    if (signal == Signals.SIGTRAP && translation.isExit(task.registers.rip() - 1)) {
      // If the tracer dies between the next two calls, the handler must know what to do.
      stops.disguiseTrap(task.tid());
      task.registers.set(UserRegs.RIP, task.registers.rip() - 1);
      task.filled |= task.area().isFull();
      comeHome(task, translation);
      return true;
    }
    // Natively a fault happens again, with the program's addresses in all that tells of it.
    boolean fault = isFault(signal) && stops.signalCode(task.tid()) > 0;
    task.stepNext = fault;
    comeHome(task, translation);
    return fault;
  }

  private static boolean isFault(int signal) {
    return switch (signal) {
      case Signals.SIGSEGV, Signals.SIGBUS, Signals.SIGFPE, Signals.SIGILL -> true;
      default -> false;
    };
  }

  private void comeHome(Task task, Translation translation) {
    Restoration restoration = new Restoration(observer, task, translation);
    restoration.restore();
    task.registers.store(task.tid());
    task.translated = false;
    task.setState(Task.State.STANDING);
    stepper.locate(task);
    // Last: a sink may throw.
    restoration.tell();
  }

  @Override
  public void settle(Task task) {
    if (task.translated) {
      task.registers.fetch(task.tid());
      comeHome(task, translation(task));
    }
  }

  @Override
  public void collect(Task task) {
    Translation translation = task.tracee().memory().translation();
    if (task.translated && translation != null) {
      task.translated = false;
      new Restoration(observer, task, translation).tell();
    }
  }

  @Override
  public void systemCallStopped(Task task) {
    stepper.systemCallStopped(task);
  }

  @Override
  public void stopped(Task task) {
    stepper.stopped(task);
  }

  @Override
  public int inCallRequest() {
    return stepper.inCallRequest();
  }

  @Override
  public void halt(Task task) {
    if (task.translated) {
      task.interrupt();
    } else {
      stepper.halt(task);
    }
  }

  @Override
  public void withdraw(Task task) {
    stepper.withdraw(task);
    task.tracee().memory().giveUpTranslation();
  }

  @Override
  public void release(Task task) {
    stepper.release(task);
  }

  @Override
  public void close() {
    stepper.close();
  }
}
