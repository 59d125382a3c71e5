package dev.bts.sim.kernel;

import dev.bts.api.ExitStatus;
import dev.bts.api.charging.Principal;

/**
 * The system calls about processes that execute nothing of their own, so that their calls are made
 * for them; guarded by the machine's lock.
 */
public final class ProcessCalls {
  /** What the kernel sets up for every program, far behind the addresses that programs choose. */
  private static final long IMAGE_PAGE = 1L << 40;

  private static final int KEEP = -1;

  private final Machine machine;
  private final long imagePages;
  private final long lockablePages;

  /**
   * Makes calls on a machine.
   *
   * @param imagePages total_vm of a program that has just been executed
   * @param lockablePages how many of them can be locked
   */
  public ProcessCalls(Machine machine, long imagePages, long lockablePages) {
    this.machine = machine;
    this.imagePages = imagePages;
    this.lockablePages = lockablePages;
  }

  /** Starts a process with its program. */
  public Task start(Credentials credentials, ResourceLimits limits) {
    synchronized (machine) {
      Task task = machine.boot(credentials, limits);
      setUp(task.mm());
      return task;
    }
  }

  /** fork(2). */
  public Task fork(Task parent) {
    synchronized (machine) {
      int pid = machine.nextId();
      AddressSpace mm = machine.newAddressSpace(pid, 0);
      parent.mm().areas().copyTo(mm.areas());
      return child(parent, pid, mm);
    }
  }

  /** clone(2) with CLONE_VM: another process in the same address space. */
  public Task share(Task parent) {
    synchronized (machine) {
      return child(parent, machine.nextId(), parent.mm());
    }
  }

  /** clone(2) with CLONE_THREAD, CLONE_FILES and CLONE_VM. */
  public Task thread(Task parent) {
    synchronized (machine) {
      Task thread =
          machine.start(machine.nextId(), parent.group(), parent.mm(), parent.credentials(), null);
      thread.files(parent.files().share());
      return thread;
    }
  }

  /** execve(2) by the first thread; other threads end. */
  public void exec(Task task) {
    synchronized (machine) {
      for (Task other : task.group().tasks()) {
        if (other != task) {
          machine.exit(other, new ExitStatus(0, 0));
        }
      }
      AddressSpace left = task.mm();
      AddressSpace mm = machine.newAddressSpace(task.group().pid(), 0);
      setUp(mm);
      task.execute(null, mm);
      machine.forgetIfDead(left);
      task.files().closeOnExec();
      Credentials before = task.credentials();
      // Capabilities in a namespace are those of its root, whom no ordinary user is.
      task.credentials(
          new Credentials(
              before.principal(),
              before.capabilities(),
              before.effectiveUid(),
              before.effectiveUid(),
              false));
    }
  }

  /** kill(2) with SIGKILL. */
  public void kill(Task task, Task target) throws SystemCallException {
    synchronized (machine) {
      if (task.group() != target.group()
          && !task.credentials().maySignal(target.credentials())
          && !rules(task, target)) {
        throw new SystemCallException(Errno.EPERM, "kill");
      }
      machine.exit(target);
    }
  }

  /** prlimit(2): the soft RLIMIT_MEMLOCK, below a hard one that stays. */
  public void setSoftLimit(Task task, Task target, long bytes, long hardBytes)
      throws SystemCallException {
    synchronized (machine) {
      if (task != target
          && !task.credentials().isWhollyUserOf(target.credentials())
          && !rules(task, target)) {
        throw new SystemCallException(Errno.EPERM, "prlimit");
      }
      if (bytes > hardBytes) {
        throw new SystemCallException(Errno.EINVAL, "prlimit");
      }
      machine.setLimits(target.group(), target.group().limits().withMemlock(bytes));
    }
  }

  /** setresuid(2) of one thread; -1 leaves an id as it is. */
  public void setUids(Task task, int real, int effective, int saved) throws SystemCallException {
    synchronized (machine) {
      Credentials now = task.credentials();
      boolean keepsAll = real == KEEP && effective == KEEP && saved == KEEP;
      if (!keepsAll && now.principal().userNamespace() != Credentials.INITIAL_USER_NAMESPACE) {
        // No id is mapped in a namespace that was just made.
        throw new SystemCallException(Errno.EINVAL, "setresuid");
      }
      for (int wanted : new int[] {real, effective, saved}) {
        if (wanted != KEEP
            && wanted != now.principal().uid()
            && wanted != now.effectiveUid()
            && wanted != now.savedUid()) {
          throw new SystemCallException(Errno.EPERM, "setresuid");
        }
      }
      task.credentials(
          now.withUids(
              real == KEEP ? now.principal().uid() : real,
              effective == KEEP ? now.effectiveUid() : effective,
              saved == KEEP ? now.savedUid() : saved));
    }
  }

  /** unshare(2) with CLONE_NEWUSER. */
  public void unshareUser(Task task) throws SystemCallException {
    synchronized (machine) {
      if (task.group().tasks().size() > 1) {
        throw new SystemCallException(Errno.EINVAL, "unshare");
      }
      Credentials now = task.credentials();
      if (now.principal().userNamespace() != Credentials.INITIAL_USER_NAMESPACE) {
        // The maker is nobody in its own namespace (kernel/user_namespace.c, kuid_has_mapping).
        throw new SystemCallException(Errno.EPERM, "unshare");
      }
      long namespace = machine.memory().newNamespace(task);
      task.credentials(
          new Credentials(
              new Principal(namespace, now.principal().uid()),
              now.capabilities(),
              now.effectiveUid(),
              now.savedUid(),
              true));
    }
  }

  /** Whether a task has all capabilities over another's namespace (security/commoncap.c). */
  private boolean rules(Task task, Task target) {
    Principal me = task.credentials().principal();
    long namespace = target.credentials().principal().userNamespace();
    if (me.userNamespace() == namespace) {
      return task.credentials().rulesNamespace();
    }
    UserNamespace theirs = machine.memory().namespace(namespace);
    return theirs != null
        && theirs.owner().principal().userNamespace() == me.userNamespace()
        && theirs.owner().principal().uid() == task.credentials().effectiveUid();
  }

  private Task child(Task parent, int pid, AddressSpace mm) {
    TaskGroup group = new TaskGroup(pid, parent.group());
    Task child = machine.start(pid, group, mm, parent.credentials(), null);
    child.files(parent.files().copy());
    return child;
  }

  private void setUp(AddressSpace mm) {
    mm.areas().add(IMAGE_PAGE, lockablePages, false, null);
    if (imagePages > lockablePages) {
      mm.areas().add(IMAGE_PAGE + lockablePages, imagePages - lockablePages, false, Area.VDSO);
    }
  }
}
