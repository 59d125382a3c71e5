package dev.bts.kernel.ptrace;

import dev.bts.kernel.sys.CpuSet;
import dev.bts.kernel.sys.Insistence;

/**
 * The CPU that the tracer shares with the tasks that it stops often: a stop then costs a quarter of
 * what it costs across CPUs. The program is told the CPUs that it chose ({@link SystemCalls}).
 */
final class SharedCpu implements AutoCloseable {
  private final CpuSet own = new CpuSet();
  private final int cpu = CpuSet.current();

  /** Ties the calling thread to the CPU that it is on; that ends with the thread. */
  SharedCpu() {
    own.only(cpu);
    own.applyTo(0);
  }

  /** Puts a task there if the program allows that. */
  void pin(Task task) {
    if (!task.pinned && task.affinity.contains(cpu)) {
      task.pinned = own.applyTo(task.tid()) == 0;
    }
  }

  /**
   * Gives a task back the CPUs that the program chose.
   *
   * @throws TaskVanished if it is gone
   * @throws dev.bts.api.KernelException if the kernel refuses
   */
  static void unpin(Task task) {
    if (!task.pinned) {
      return;
    }
    // Whoever lets a task go has no other way to give it back what is its own.
    Stops.demand(task.tid(), Insistence.call(() -> task.affinity.applyTo(task.tid())));
    task.pinned = false;
  }

  @Override
  public void close() {
    own.close();
  }
}
