package dev.bts.sim.rules;

import dev.bts.accounting.PerfPays;
import dev.bts.api.charging.Account;
import java.util.EnumSet;
import java.util.Set;

/**
 * The subsystems of kernels that rules are made for: what tasks can do with each, and sound rules
 * that a mistake is put into.
 */
final class Subsystems {
  private static final Set<OperationKind> TRACE =
      EnumSet.of(
          OperationKind.ATTACH,
          OperationKind.ALLOCATE,
          OperationKind.FREE,
          OperationKind.SIGNAL,
          OperationKind.DETACH,
          OperationKind.FINISH,
          OperationKind.EXIT,
          OperationKind.REAP,
          OperationKind.EXEC,
          OperationKind.FORK,
          OperationKind.FORK_TRACED,
          OperationKind.CLONE,
          OperationKind.SET_USER,
          OperationKind.LOWER_LIMIT,
          OperationKind.WORK);
  private static final Set<OperationKind> PERF =
      EnumSet.of(
          OperationKind.OPEN,
          OperationKind.OPEN_FAILS,
          OperationKind.SHARE,
          OperationKind.MAP,
          OperationKind.UNMAP,
          OperationKind.SPLIT,
          OperationKind.CLOSE,
          OperationKind.FINISH,
          OperationKind.EXIT,
          OperationKind.EXEC,
          OperationKind.FORK,
          OperationKind.CLONE,
          OperationKind.SET_USER,
          OperationKind.LOWER_GIFT,
          OperationKind.LOWER_LIMIT);
  private static final Set<OperationKind> PINS =
      EnumSet.of(
          OperationKind.OPEN,
          OperationKind.OPEN_FAILS,
          OperationKind.COMMIT,
          OperationKind.SHARE,
          OperationKind.CLOSE,
          OperationKind.EXIT,
          OperationKind.EXEC,
          OperationKind.FORK,
          OperationKind.CLONE,
          OperationKind.SET_USER,
          OperationKind.RELOCK,
          OperationKind.WORK,
          OperationKind.WORK_FAILS);
  private static final Set<OperationKind> SEGMENTS =
      EnumSet.of(
          OperationKind.OPEN,
          OperationKind.OPEN_FAILS,
          OperationKind.SHARE,
          OperationKind.CLOSE,
          OperationKind.RELOCK,
          OperationKind.EXIT,
          OperationKind.FORK,
          OperationKind.CLONE,
          OperationKind.SET_USER,
          OperationKind.ENTER_NAMESPACE);

  /** The tracing task's total_vm and locked_vm. */
  static final KernelPayer TRACER =
      KernelPayer.current("current", Account.Kind.TOTAL_VM, Account.Kind.LOCKED_VM);

  /** The traced task's total_vm and locked_vm. */
  static final KernelPayer TRACEE =
      KernelPayer.ofTracee("tracee", Account.Kind.TOTAL_VM, Account.Kind.LOCKED_VM);

  /** locked_vm of the current task. */
  static final KernelPayer LOCKED = KernelPayer.current("locked_vm", Account.Kind.LOCKED_VM);

  /** pinned_vm of the current task. */
  static final KernelPayer PINNED = KernelPayer.current("pinned_vm", Account.Kind.PINNED_VM);

  /**
   * The user's locked memory under the RLIMIT_MEMLOCK of the caller: ucounts for segments; for
   * rings, maps and registered memory {@code user->locked_vm}.
   */
  static final KernelPayer USER = KernelPayer.current("user", Account.Kind.USER_MEMLOCK);

  private Subsystems() {}

  /** Sound rules for buffers that ptrace hangs on a traced task. */
  static Rules trace(KernelPayer payer) {
    return Rules.sound("ptrace", "", Family.KERNEL_TRACE, TRACE, payer);
  }

  /** Sound rules for perf's ring buffers: the first mapper pays, the last unmap frees. */
  static Rules perf() {
    return Rules.sound("perf", "", Family.DESCRIPTOR, PERF, new PerfPays());
  }

  /** Sound rules for what is pinned through a descriptor: rings, maps, device memory. */
  static Rules pins(KernelPayer payer) {
    return Rules.sound("pins", "", Family.DESCRIPTOR, PINS, payer);
  }

  /** Sound rules for System V segments under SHM_LOCK. */
  static Rules segments() {
    return Rules.sound("segments", "", Family.DESCRIPTOR, SEGMENTS, USER);
  }

  /** Returns rules in whose subsystem some operations do not exist. */
  static Rules without(Rules rules, OperationKind... missing) {
    Set<OperationKind> left = rules.operations();
    left.removeAll(Set.of(missing));
    return rules.operating(left);
  }
}
