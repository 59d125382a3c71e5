package dev.bts.kernel.ptrace;

import dev.bts.api.Explanation;
import dev.bts.api.TargetException;
import dev.bts.kernel.software.AreaRun;
import dev.bts.kernel.software.ThreadArea;
import dev.bts.kernel.software.Translation;
import dev.bts.kernel.sys.UserRegs;

/**
 * The way back from translated code: the registers that the program would have natively, and the
 * branches that it has taken until then.
 */
final class Restoration {
  private final Observer observer;
  private final Registers registers;
  private final Task task;
  private final Translation translation;
  private final ThreadArea area;
  private int taken;
  private long target;

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
    hand(translation.drain(area, task.tid(), taken, target));
  }

  /** The program can write where its translated code records; so nothing there is believed. */
  private TargetException tampered(String obstacle) {
    return new TargetException(
        new Explanation(
            "trace task " + task.tid() + " by its translated code",
            obstacle + ": the program has overwritten what bts keeps in it",
            "trace it with --mechanism single-step"));
  }

  /** Tells what the task recorded before its area was turned over; it runs. */
  void tellSpare() {
    hand(translation.drainSpare(area, task.tid()));
  }

  private void hand(AreaRun run) {
    if (!run.isEmpty()) {
      observer.branched(task, run);
    }
    if (run.isBroken()) {
      throw tampered("its records of branches are none that translated code writes");
    }
  }

  /** Sets the registers, which are still to be stored, to those of the program. */
  void restore() {
    Translation.Place place = translation.placeOf(registers.rip());
    if (place == null) {
      throw tampered("it is lost at 0x" + Long.toHexString(registers.rip()));
    }
    registers.set(UserRegs.GS_BASE, task.programGs);
    registers.set(UserRegs.ORIG_RAX, -1);
    taken = place.path();
    switch (place.point()) {
      case EXACT -> goTo(place.address());
      case EXACT_RCX_ASIDE -> {
        takeRcx();
        goTo(place.address());
      }
      case INDIRECT_TAKEN -> goToRcx();
      case INDIRECT_TARGET_ASIDE -> {
        takeRcx();
        goTo(area.target());
      }
      case INDIRECT_GUARDED -> {
        takeRcx();
        registers.set(UserRegs.RDX, area.rdx());
        goTo(area.target());
      }
      case LOOKUP_TARGET_IN_RCX -> {
        taken = area.site();
        goToRcx();
      }
      case LOOKUP_RCX_ASIDE -> {
        taken = area.site();
        takeRcx();
        goTo(area.target());
      }
      case LOOKUP_RAX_ASIDE -> {
        taken = area.site();
        takeRcx();
        registers.set(UserRegs.RAX, area.rax());
        goTo(area.target());
      }
      case LOOKUP_TAKEN -> {
        taken = area.site();
        takeAll();
        goTo(area.target());
      }
      case LOOKUP_RECORDED -> {
        takeAll();
        goTo(area.target());
      }
      case EXIT -> goTo(place.address() == 0 ? area.target() : place.address());
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

  private void goToRcx() {
    long address = registers.get(UserRegs.RCX);
    takeRcx();
    goTo(address);
  }

  private void goTo(long address) {
    target = address;
    registers.set(UserRegs.RIP, address);
  }
}
