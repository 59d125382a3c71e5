package dev.bts.kernel.ptrace;

import dev.bts.kernel.sys.UserRegs;
import dev.bts.kernel.x86.ControlFlow;
import dev.bts.kernel.x86.Instruction;
import dev.bts.kernel.x86.Prefix;
import java.nio.ByteBuffer;

/**
 * The instructions that load the flags register, {@code popf} and {@code iretq}, done by the
 * tracer.
 *
 * <p>When they are stepped the kernel takes the trap flag for the program's own from then on
 * (arch/x86/kernel/step.c): it would show in every flags image that the program stores, and stay
 * set when the tracer lets go. Where the program changes a flag that ptrace cannot set, the
 * processor does it, and {@link Stepper} clears the trap flag afterwards.
 */
final class FlagLoads {
  /** CF, PF, AF, ZF, SF, DF, OF, NT and AC: what a program may change, and so may ptrace. */
  private static final long CHANGEABLE = 0x44cd5L;

  /** What a program may change but ptrace may not: TF, which would be taken for ours, and ID. */
  private static final long PROCESSOR_ONLY = 0x200100L;

  private static final long LOW_16 = 0xffff;

  /** The segments of a 64-bit program (__USER_CS, __USER_DS). */
  private static final long USER_CS = 0x33;

  private static final long USER_SS = 0x2b;

  // The frame that iretq takes off the stack.
  private static final int FRAME_RIP = 0;
  private static final int FRAME_CS = 8;
  private static final int FRAME_FLAGS = 16;
  private static final int FRAME_RSP = 24;
  private static final int FRAME_SS = 32;
  private static final int FRAME_BYTES = 40;

  private FlagLoads() {}

  /**
   * Executes the instruction that a task stands at.
   *
   * @return false if the processor has to do it
   */
  static boolean execute(Task task, Instruction instruction) {
    boolean done =
        instruction.controlFlow() == ControlFlow.INTERRUPT_RETURN
            ? returnFromInterrupt(task, instruction)
            : popFlags(task, instruction);
    if (done) {
      task.registers.store(task.tid());
    }
    return done;
  }

  private static boolean popFlags(Task task, Instruction instruction) {
    int bytes = instruction.has(Prefix.OPERAND_SIZE) ? Short.BYTES : Long.BYTES;
    ByteBuffer stack = stack(task, bytes);
    if (stack.remaining() < bytes) {
      return false;
    }
    Registers registers = task.registers;
    long old = registers.get(UserRegs.EFLAGS);
    long popped =
        bytes == Long.BYTES ? stack.getLong(0) : (old & ~LOW_16) | (stack.getShort(0) & LOW_16);
    if (((popped ^ old) & PROCESSOR_ONLY) != 0) {
      return false;
    }
    registers.set(UserRegs.EFLAGS, merge(old, popped));
    registers.set(UserRegs.RSP, registers.get(UserRegs.RSP) + bytes);
    registers.set(UserRegs.RIP, instruction.nextAddress());
    return true;
  }

  private static boolean returnFromInterrupt(Task task, Instruction instruction) {
    ByteBuffer frame = stack(task, FRAME_BYTES);
    if (!instruction.isWide() || frame.remaining() < FRAME_BYTES) {
      return false;
    }
    long flags = frame.getLong(FRAME_FLAGS);
    if (((flags ^ task.registers.get(UserRegs.EFLAGS)) & PROCESSOR_ONLY) != 0
        || frame.getLong(FRAME_CS) != USER_CS
        || frame.getLong(FRAME_SS) != USER_SS) {
      return false;
    }
    Registers registers = task.registers;
    registers.set(UserRegs.EFLAGS, merge(registers.get(UserRegs.EFLAGS), flags));
    registers.set(UserRegs.RSP, frame.getLong(FRAME_RSP));
    registers.set(UserRegs.RIP, frame.getLong(FRAME_RIP));
    return true;
  }

  private static long merge(long old, long loaded) {
    return (old & ~CHANGEABLE) | (loaded & CHANGEABLE);
  }

  private static ByteBuffer stack(Task task, int bytes) {
    return task.tracee().memory().read(task.tid(), task.registers.get(UserRegs.RSP), bytes);
  }
}
