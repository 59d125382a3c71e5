package dev.bts.sim;

import dev.bts.accounting.buffers.Payer;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.Explanation;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.Refusal;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.sim.kernel.BufferHeader;
import dev.bts.sim.kernel.Capability;
import dev.bts.sim.kernel.Credentials;
import dev.bts.sim.kernel.Errno;
import dev.bts.sim.kernel.FilledPages;
import dev.bts.sim.kernel.LockedSegment;
import dev.bts.sim.kernel.Machine;
import dev.bts.sim.kernel.Mapping;
import dev.bts.sim.kernel.PerfMapping;
import dev.bts.sim.kernel.SystemCallException;
import dev.bts.sim.kernel.Task;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where a buffer's pages lie in the modelled machine, chosen so that the modelled kernel itself
 * charges the accounts of the plan: locked in an address space, in a System V segment under
 * SHM_LOCK, in a perf ring buffer, or in a memfd filled on behalf of a control group.
 */
interface Placement {
  /** Returns how many pages of it are on an account of the plan now. */
  long heldPages(Account account);

  /** Gives the pages back; whoever was charged is refunded by the kernel. */
  void release();

  /** Pages that are mapped and locked in an address space. */
  record Mapped(Machine machine, Mapping mapping) implements Placement {
    @Override
    public long heldPages(Account account) {
      boolean held = account.kind() == Account.Kind.LOCKED_VM ? mapping.locked() : mapping.mapped();
      return held ? mapping.pages() : 0;
    }

    @Override
    public void release() {
      machine.memory().unmap(mapping);
    }
  }

  /** Pages of a System V segment under SHM_LOCK. */
  record Segment(Machine machine, LockedSegment segment) implements Placement {
    @Override
    public long heldPages(Account account) {
      return segment.locked() ? segment.pages() : 0;
    }

    @Override
    public void release() {
      machine.memory().remove(segment);
    }
  }

  /** Pages that nobody but their owner can take off an account. */
  record Private(List<Charge> charges, Runnable giveBack) implements Placement {
    @Override
    public long heldPages(Account account) {
      return charges.stream()
          .filter(charge -> charge.account().equals(account))
          .mapToLong(Charge::pages)
          .sum();
    }

    @Override
    public void release() {
      giveBack.run();
    }
  }

  /** The kernel's refusal of a charge that a policy had admitted. */
  final class RefusedByKernel extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Account account;
    private final Errno errno;

    RefusedByKernel(Account account, SystemCallException cause) {
      super(cause);
      this.account = account;
      this.errno = cause.errno();
    }

    Account account() {
      return account;
    }

    Errno errno() {
      return errno;
    }
  }

  /** Returns why there is no system call that charges the accounts of a plan, null if there is. */
  static @Nullable Explanation obstacle(
      String policy, ChargeRequest request, ChargePlan.Admitted plan) {
    TaskIdentity tracer = request.tracer();
    Set<Account> payer = Payer.of(plan.charges()).accounts();
    boolean possible =
        payer.equals(addressSpace(tracer))
            || payer.equals(addressSpace(request.tracee()))
            || payer.equals(Set.of(Account.userMemlock(tracer.principal())))
            || payer.equals(
                Set.of(Account.userPerf(tracer.principal()), Account.pinnedVm(tracer.mm())))
            || payer.equals(
                tracer.group().levels().stream()
                    .map(Account::groupMemory)
                    .collect(Collectors.toSet()));
    return possible ? null : noSystemCall(policy, request.pages(), plan.charges()).explain();
  }

  private static Set<Account> addressSpace(TaskIdentity task) {
    return Set.of(Account.totalVm(task.mm()), Account.lockedVm(task.mm()));
  }

  private static Refusal noSystemCall(String policy, long pages, List<Charge> charges) {
    return Refusal.because(
        policy,
        pages,
        "the simulated kernel has no system call that charges " + charges,
        "choose a policy that charges total_vm and locked_vm of one address space, or the"
            + " tracer's user, its perf gift and pinned_vm, or its control groups");
  }

  /**
   * Makes the system calls that charge a plan.
   *
   * @param strict makes them without CAP_IPC_LOCK
   * @throws RefusedByKernel if the kernel refuses; nothing was charged
   * @throws ChargeRefusedException if there is no system call that charges these accounts
   */
  static Placement of(
      String policy, ChargePlan.Admitted plan, Machine machine, Task tracer, boolean strict)
      throws RefusedByKernel {
    List<Charge> charges = plan.charges();
    long pages = charges.stream().mapToLong(Charge::pages).max().orElse(0);
    if (charges.size() == 2
        && charges.get(0).account().owner() instanceof AccountOwner.AddressSpace mm
        && charges.contains(new Charge(Account.totalVm(mm), pages))
        && charges.contains(new Charge(Account.lockedVm(mm), pages))) {
      Task caller = machine.userOf(mm);
      if (caller != null) {
        return mapped(machine, caller, pages, new BufferHeader(policy, tracer), strict);
      }
    }
    Account own = Account.userMemlock(tracer.credentials().principal());
    if (charges.equals(List.of(new Charge(own, pages)))) {
      return segment(machine, tracer, own, pages, strict);
    }
    Account pinned = Account.pinnedVm(tracer.mm().identity());
    List<Account> accounts = charges.stream().map(Charge::account).toList();
    if (accounts.equals(List.of(Account.userPerf(tracer.credentials().principal()), pinned))) {
      long both = charges.stream().mapToLong(Charge::pages).sum();
      return new Private(charges, perf(machine, tracer, pinned, both, strict));
    }
    AccountOwner.Group group = tracer.group().memoryGroup();
    if (accounts.equals(group.levels().stream().map(Account::groupMemory).toList())) {
      return new Private(charges, filled(machine, tracer, group, pages));
    }
    throw new ChargeRefusedException(noSystemCall(policy, pages, charges));
  }

  private static Placement mapped(
      Machine machine, Task caller, long pages, BufferHeader header, boolean strict)
      throws RefusedByKernel {
    AccountOwner.AddressSpace mm = caller.mm().identity();
    try {
      Mapping mapping = machine.memory().mapLocked(caller, pages, credentials(caller, strict));
      machine.memory().write(mapping, header);
      return new Mapped(machine, mapping);
    } catch (SystemCallException e) {
      throw new RefusedByKernel(
          e.errno() == Errno.ENOMEM ? Account.totalVm(mm) : Account.lockedVm(mm), e);
    }
  }

  private static Placement segment(
      Machine machine, Task tracer, Account account, long pages, boolean strict)
      throws RefusedByKernel {
    try {
      return new Segment(
          machine, machine.memory().lockSegment(tracer, pages, credentials(tracer, strict)));
    } catch (SystemCallException e) {
      throw new RefusedByKernel(account, e);
    }
  }

  private static Runnable perf(
      Machine machine, Task tracer, Account pinned, long pages, boolean strict)
      throws RefusedByKernel {
    try {
      PerfMapping mapping = machine.memory().mapPerf(tracer, pages, credentials(tracer, strict));
      return () -> machine.memory().unmap(mapping);
    } catch (SystemCallException e) {
      throw new RefusedByKernel(pinned, e);
    }
  }

  private static Runnable filled(Machine machine, Task tracer, AccountOwner.Group group, long pages)
      throws RefusedByKernel {
    try {
      FilledPages filled = machine.memory().fill(tracer, group, pages);
      return () -> machine.memory().free(filled);
    } catch (SystemCallException e) {
      throw new RefusedByKernel(Account.groupMemory(group), e);
    }
  }

  private static Credentials credentials(Task caller, boolean strict) {
    return strict ? caller.credentials().without(Capability.CAP_IPC_LOCK) : caller.credentials();
  }
}
