package dev.bts.sim.kernel;

/** Who may trace whom (kernel/ptrace.c). Guarded by the machine's lock. */
final class Attaching {
  private static final String CALL = "ptrace";

  private Attaching() {}

  /** PTRACE_SEIZE of one task; see {@link Machine#trace}. */
  static void seize(Task tracer, Task task, TaskObserver observer) throws SystemCallException {
    if (task.isGone()) {
      throw new SystemCallException(Errno.ESRCH, CALL);
    }
    boolean own = tracer.credentials().principal().equals(task.credentials().principal());
    if (task.observer() != null || !(own || tracer.credentials().has(Capability.CAP_SYS_PTRACE))) {
      throw new SystemCallException(Errno.EPERM, CALL);
    }
    link(tracer, task, observer);
  }

  /** PTRACE_TRACEME; see {@link Machine#traceMe}. */
  static void ask(Task task, TaskObserver observer) throws SystemCallException {
    TaskGroup parent = task.group().parent();
    if (task.observer() != null || parent == null || parent.tasks().isEmpty()) {
      throw new SystemCallException(Errno.EPERM, CALL);
    }
    Task tracer = parent.tasks().get(0);
    boolean asCapable =
        tracer.credentials().capabilities().containsAll(task.credentials().capabilities());
    if (!asCapable && !tracer.credentials().has(Capability.CAP_SYS_PTRACE)) {
      throw new SystemCallException(Errno.EPERM, CALL);
    }
    link(tracer, task, observer);
  }

  private static void link(Task tracer, Task task, TaskObserver observer) {
    task.observer(observer);
    task.tracer(tracer);
  }
}
