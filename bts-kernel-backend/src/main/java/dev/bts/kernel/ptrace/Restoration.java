package dev.bts.kernel.ptrace;

import dev.bts.kernel.software.BranchSink;
import dev.bts.kernel.software.ThreadArea;
import dev.bts.kernel.software.Translation;
import dev.bts.kernel.sys.UserRegs;

/**
 * The way back from translated code: the registers that the program would have natively, and the
 * branches that it has taken until then.
 */
final class Restoration implements BranchSink {
  private final Observer observer;
  private final Registers registers;
  private final Task task;
  private final Translation translation;
  private final ThreadArea area;
  private boolean taken;
  private long takenFrom;
  private long takenTo;

  /** Begins the way back of a task that has stopped, and whose registers were fetched. */
  Restoration(Observer observer, Task task, Translation translation) {
    this.observer = observer;
    this.task = task;
    this.registers = task.registers;
    this.translation = translation;
    this.area = task.area();
  }

  /** Tells the observer what the task has recorded, and what it has taken without recording it. */
  void tell() {
    translation.drain(area, this);
    if (taken) {
      observer.branched(task, takenFrom, takenTo);
    }
  }

  /** Tells what the task recorded before its area was turned over; it runs. */
  void tellSpare() {
    translation.drainSpare(area, this);
  }

  @Override
  public void branched(long[] pairs, int count) {
    observer.branched(task, pairs, count);
  }

  /** Sets the registers, which are still to be stored, to those of the program. */
  void restore() {
    Translation.Place place = translation.placeOf(registers.rip());
    if (place == null) {
      throw new IllegalStateException(
          "task " + task.tid() + " is lost at " + Long.toHexString(registers.rip()));
    }
    registers.set(UserRegs.GS_BASE, task.programGs);
    registers.set(UserRegs.ORIG_RAX, -1);
    long argument = place.argument();
    switch (place.point()) {
      case EXACT -> goTo(argument);
      case EXACT_RCX_ASIDE -> {
        takeRcx();
        goTo(argument);
      }
      case EDGE_TAKEN -> take(translation.from(argument), translation.to(argument));
      case EDGE_TAKEN_RCX_ASIDE -> {
        takeRcx();
        take(translation.from(argument), translation.to(argument));
      }
      case EDGE_RECORDED -> {
        takeRcx();
        goTo(translation.to(argument));
      }
      case INDIRECT_TAKEN -> takeFromRcx(translation.from(argument));
      case LOOKUP_TARGET_IN_RCX -> takeFromRcx(translation.from(area.site()));
      case LOOKUP_RCX_ASIDE -> {
        takeRcx();
        take(translation.from(area.site()), area.target());
      }
      case LOOKUP_RAX_ASIDE -> {
        takeRcx();
        registers.set(UserRegs.RAX, area.rax());
        take(translation.from(area.site()), area.target());
      }
      case LOOKUP_TAKEN -> {
        takeAll();
        take(translation.from(area.site()), area.target());
      }
      case LOOKUP_RECORDED -> {
        takeAll();
        goTo(area.target());
      }
      case EXIT -> goTo(argument == 0 ? area.target() : argument);
    }
  }

  private void takeRcx() {
    registers.set(UserRegs.RCX, area.rcx());
  }

  private void takeAll() {
    takeRcx();
    registers.set(UserRegs.RAX, area.rax());
    registers.set(UserRegs.RDX, area.rdx());
  }

  private void takeFromRcx(long from) {
    long target = registers.get(UserRegs.RCX);
    takeRcx();
    take(from, target);
  }

  /** Goes where a branch leads that the task has taken but not recorded yet. */
  private void take(long from, long to) {
    taken = true;
    takenFrom = from;
    takenTo = to;
    goTo(to);
  }

  private void goTo(long address) {
    registers.set(UserRegs.RIP, address);
  }
}
