package dev.bts.sim.kernel;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A CPU: the task that it runs, and the Debug Store area that its branches go to (IA32_DS_AREA and
 * the BTS bits of IA32_DEBUGCTL, Intel SDM volume 3, 19.4.9). The area is a task's: it is taken out
 * when the task leaves and put in when it comes back. Guarded by the machine's lock.
 */
final class Cpu {
  private @Nullable Task running;
  private @Nullable DebugStore area;

  /** Returns the CPUs of a machine. */
  static Cpu[] all() {
    Cpu[] cpus = new Cpu[Memory.CPUS];
    Arrays.setAll(cpus, number -> new Cpu());
    return cpus;
  }

  /** A context switch, if another task ran before (__switch_to_xtra). */
  void switchTo(Task task, long now) {
    if (running == task) {
      return;
    }
    if (area != null) {
      area.departs(running, now);
    }
    running = task;
    area = task.debugStore();
    if (area != null) {
      area.arrives(task, now);
    }
  }

  /** The running task took a branch; at the threshold the area's owner is interrupted. */
  void branched(Task task, long from, long to) {
    if (area != null && area.write(from, to)) {
      area.interrupted(task);
    }
  }

  /** The CPU goes offline: the task that it runs departs, and its area is the task's alone. */
  void empty(long now) {
    if (area != null) {
      area.departs(running, now);
    }
    running = null;
    area = null;
  }

  /** A task's area was replaced while the task may be the one that runs here. */
  void reload(Task task) {
    if (running == task) {
      area = task.debugStore();
    }
  }
}
