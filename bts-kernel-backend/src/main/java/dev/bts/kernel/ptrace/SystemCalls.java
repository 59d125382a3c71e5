package dev.bts.kernel.ptrace;

import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.Signals;
import dev.bts.kernel.sys.Sys;
import dev.bts.kernel.sys.UserRegs;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The system calls of a stepped program that concern the tracer: those that change its code, and
 * those whose answer must hide that it is stepped.
 */
final class SystemCalls {
  private final Stops stops;
  private final Rescue rescue;
  private final Observer observer;
  private final TaskTree tree;

  SystemCalls(Stops stops, Rescue rescue, Observer observer, TaskTree tree) {
    this.stops = stops;
    this.rescue = rescue;
    this.observer = observer;
    this.tree = tree;
  }

  /**
   * Answers a call in the kernel's place if it must not reach the kernel: sigaction(2) for SIGTRAP,
   * whose real disposition is the rescue handler.
   *
   * @return whether it was answered; the task then stands behind the instruction
   */
  boolean emulate(Task task) {
    if (task.registers.get(UserRegs.RAX) != Sys.RT_SIGACTION
        || (int) task.argument(0) != Signals.SIGTRAP) {
      return false;
    }
    long result = sigaction(task, task.argument(1), task.argument(2), task.argument(3));
    long next = task.registers.rip() + Registers.SYSCALL_INSTRUCTION_BYTES;
    task.registers.set(UserRegs.RAX, result);
    task.registers.set(UserRegs.RCX, next);
    task.registers.set(UserRegs.R11, task.registers.get(UserRegs.EFLAGS));
    task.registers.set(UserRegs.RIP, next);
    task.registers.store(task.tid());
    return true;
  }

  private long sigaction(Task task, long wanted, long old, long setBytes) {
    if (setBytes != Signals.SET_BYTES) {
      return -Errno.EINVAL;
    }
    byte[] action = new byte[Signals.SIGACTION_BYTES];
    if (wanted != 0) {
      ByteBuffer given = task.tracee().memory().read(task.tid(), wanted, action.length);
      if (given.remaining() < action.length) {
        return -Errno.EFAULT;
      }
      given.get(action);
    }
    byte[] before = task.tracee().trap().action();
    if (wanted != 0) {
      rescue.keep(task, action);
    }
    if (old != 0 && !write(task, old, before)) {
      return -Errno.EFAULT;
    }
    return 0;
  }

  private boolean write(Task task, long address, byte[] content) {
    MemoryArea area = task.tracee().memory().areaOf(address);
    if (area == null || !area.writable()) {
      task.tracee().memory().refresh();
      area = task.tracee().memory().areaOf(address);
    }
    // The kernel would refuse to write to memory that is not writable; ptrace would not.
    if (area == null || !area.writable() || !area.contains(address + content.length - 1)) {
      return false;
    }
    task.tracee().memory().letWrite(address, address + content.length);
    stops.poke(task.tid(), address, content);
    return true;
  }

  /** A task has entered a call. */
  void entered(Task task) {
    if (task.onCpu) {
      task.onCpu = false;
      observer.departed(task);
    }
    if (task.call == Sys.EXECVE || task.call == Sys.EXECVEAT) {
      observer.losingAddressSpace(task.tracee());
    }
  }

  /**
   * Takes a task that has come out of a call back before it, if the kernel may have refused the
   * call only because it was to write to {@link WrittenCode}: it may write there now.
   *
   * @return whether it has to be made again
   */
  boolean isRefusedForUs(Task task) {
    Registers registers = task.registers;
    if (registers.get(UserRegs.RAX) != -Errno.EFAULT || !task.tracee().memory().letWrite(0, -1)) {
      return false;
    }
    registers.takeBackBeforeCall(registers.get(UserRegs.ORIG_RAX));
    registers.store(task.tid());
    return true;
  }

  /** A task has come out of a call and stands behind it. */
  void left(Task task) {
    long result = task.registers.get(UserRegs.RAX);
    switch (task.call) {
      case Sys.MMAP -> mapped(task, result);
      case Sys.MPROTECT, Sys.PKEY_MPROTECT -> {
        boolean code = (task.argument(2) & Mapping.PROT_EXEC) != 0;
        changed(task, task.argument(0), task.argument(1), code);
      }
      case Sys.MUNMAP, Sys.MADVISE -> changed(task, task.argument(0), task.argument(1), false);
      case Sys.MREMAP -> {
        changed(task, task.argument(0), task.argument(1), false);
        changed(task, result, task.argument(2), false);
      }
      case Sys.SHMAT, Sys.SHMDT, Sys.REMAP_FILE_PAGES -> changed(task, 0, -1, true);
      case Sys.SCHED_SETAFFINITY -> affinityChanged((int) task.argument(0));
      case Sys.SCHED_GETAFFINITY -> hidePinning(task, result);
      default -> {}
    }
  }

  private void mapped(Task task, long result) {
    if (Errno.isError(result)) {
      return;
    }
    boolean code = (task.argument(2) & Mapping.PROT_EXEC) != 0;
    changed(task, result, task.argument(1), code);
  }

  /** Memory may be other memory than before: forgets code, and looks for new code. */
  private void changed(Task task, long start, long bytes, boolean newCode) {
    AddressSpace memory = task.tracee().memory();
    boolean known = false;
    for (MemoryArea area : memory.areas()) {
      known |= area.executable() && area.overlaps(start, start + bytes);
    }
    if (known) {
      memory.forgetCode(start, start + bytes);
    }
    if (known || newCode) {
      List<MemoryArea> added = memory.refresh();
      for (MemoryArea area : added) {
        observer.mapped(task, area);
      }
    }
  }

  /** A program set another thread's CPUs: those are the program's wish from now on. */
  private void affinityChanged(int tid) {
    Task other = tree.find(tid);
    if (other != null && other.pinned) {
      other.affinity.readFrom(tid);
      other.pinned = false;
    }
  }

  /** A program asked for another thread's CPUs, and that thread is pinned at this moment. */
  private void hidePinning(Task task, long bytes) {
    Task other = tree.find((int) task.argument(0));
    if (other == null || !other.pinned || bytes <= 0) {
      return;
    }
    byte[] set = other.affinity.bytes();
    int shown = (int) Math.min(bytes, set.length);
    stops.poke(task.tid(), task.argument(2), java.util.Arrays.copyOf(set, shown));
  }
}
