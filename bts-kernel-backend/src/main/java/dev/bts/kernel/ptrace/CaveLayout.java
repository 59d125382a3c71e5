package dev.bts.kernel.ptrace;

import static dev.bts.kernel.x86.Assembler.Register.R10;
import static dev.bts.kernel.x86.Assembler.Register.R11;
import static dev.bts.kernel.x86.Assembler.Register.R8;
import static dev.bts.kernel.x86.Assembler.Register.R9;
import static dev.bts.kernel.x86.Assembler.Register.RAX;
import static dev.bts.kernel.x86.Assembler.Register.RBX;
import static dev.bts.kernel.x86.Assembler.Register.RCX;
import static dev.bts.kernel.x86.Assembler.Register.RDI;
import static dev.bts.kernel.x86.Assembler.Register.RDX;
import static dev.bts.kernel.x86.Assembler.Register.RSI;

import dev.bts.kernel.sys.CpuSet;
import dev.bts.kernel.sys.Signals;
import dev.bts.kernel.sys.Sys;
import dev.bts.kernel.x86.Assembler;
import java.util.Arrays;

/**
 * The layout of the cave, the few hundred bytes that bts borrows in a tracee's address space:
 * offsets in bytes.
 *
 * <p>The cave lies where an executable private mapping ends with unused zero bytes, by preference
 * behind the vDSO's image. It holds two routines and their data. The code is the same in every
 * tracee and refers to the data relative to itself.
 */
final class CaveLayout {
  private static final int WORD_BYTES = 8;

  /** Registers that a system call of ours overwrites, as the program had them. */
  static final int SAVED_RAX = 0;

  static final int SAVED_RCX = 8;
  static final int SAVED_RDX = 16;
  static final int SAVED_RSI = 24;
  static final int SAVED_RDI = 32;
  static final int SAVED_R8 = 40;
  static final int SAVED_R9 = 48;
  static final int SAVED_R10 = 56;
  static final int SAVED_R11 = 64;
  static final int SAVED_RIP = 72;

  /** The program's signal mask. */
  static final int SAVED_MASK = 80;

  /** The size of all saved values together. */
  static final int SAVED_BYTES = 88;

  /** What the program wants done on SIGTRAP: a struct sigaction of the kernel. */
  static final int TRAP_ACTION = SAVED_BYTES;

  /** The CPUs that the program may run on: a CPU set. */
  static final int AFFINITY = TRAP_ACTION + Signals.SIGACTION_BYTES;

  /** The size of that set. */
  static final int AFFINITY_BYTES = CpuSet.BYTES;

  /** Room for small arguments of system calls, such as names and structures. */
  static final int SCRATCH = AFFINITY + AFFINITY_BYTES;

  /** The size of that room. */
  static final int SCRATCH_BYTES = 128;

  /** The address that the handler for SIGTRAP goes on at: here, or in a translation. */
  static final int TRAP_VECTOR = SCRATCH + SCRATCH_BYTES;

  /** The routine that makes one system call and gives the registers back. */
  static final int CALL_ROUTINE = TRAP_VECTOR + WORD_BYTES;

  private static final byte[] CALL_CODE = callRoutine();

  /** The routine that returns from a signal handler. */
  static final int RETURN_ROUTINE = CALL_ROUTINE + CALL_CODE.length;

  private static final byte[] RETURN_CODE = returnRoutine();

  /** The handler for SIGTRAP after the tracer's death. */
  static final int TRAP_HANDLER = RETURN_ROUTINE + RETURN_CODE.length;

  private static final byte[] HANDLER_CODE =
      new Assembler(TRAP_HANDLER).jumpThrough(TRAP_VECTOR).bytes();

  /** The part of the handler that makes the interrupted context one that is not stepped. */
  static final int STEP_HANDLER = TRAP_HANDLER + HANDLER_CODE.length;

  private static final byte[] STEP_CODE = stepHandler();

  /** The part of the handler that looks what kind of trap it is. */
  static final int TRAP_SORTER = STEP_HANDLER + STEP_CODE.length;

  private static final byte[] SORTER_CODE = trapSorter();

  /** The size of the cave. */
  static final int BYTES =
      (TRAP_SORTER + SORTER_CODE.length + WORD_BYTES - 1) / WORD_BYTES * WORD_BYTES;

  /** uc_mcontext.gregs[REG_EFL] of ucontext_t (asm/sigcontext.h). */
  private static final int UCONTEXT_EFLAGS = 176;

  private static final int TRAP_FLAG = 0x100;
  private static final int SIG_SETMASK = 2;

  private CaveLayout() {}

  /** Returns the cave's content for a tracee: all of the code, and data that is still zero. */
  static byte[] image() {
    byte[] image = new byte[BYTES];
    System.arraycopy(CALL_CODE, 0, image, CALL_ROUTINE, CALL_CODE.length);
    System.arraycopy(RETURN_CODE, 0, image, RETURN_ROUTINE, RETURN_CODE.length);
    System.arraycopy(HANDLER_CODE, 0, image, TRAP_HANDLER, HANDLER_CODE.length);
    System.arraycopy(STEP_CODE, 0, image, STEP_HANDLER, STEP_CODE.length);
    System.arraycopy(SORTER_CODE, 0, image, TRAP_SORTER, SORTER_CODE.length);
    return image;
  }

  /** Returns whether nothing is kept at a place of the cave's size. */
  static boolean isUnused(byte[] bytes) {
    return Arrays.equals(bytes, new byte[BYTES]);
  }

  /** Returns whether bytes are those of a cave: its code, whatever the data. */
  static boolean isCave(byte[] bytes) {
    return Arrays.equals(bytes, CALL_ROUTINE, BYTES, image(), CALL_ROUTINE, BYTES);
  }

  /**
   * The system call, for which the tracer has set the registers. Normally the tracer takes over at
   * its end. If the tracer is dead by then, what follows restores mask and registers and goes on
   * where the program was. Flags survive: {@code syscall} restores them, and mov does not write
   * them.
   */
  private static byte[] callRoutine() {
    return new Assembler(CALL_ROUTINE)
        .systemCall()
        .move(RAX, Sys.RT_SIGPROCMASK)
        .move(RDI, SIG_SETMASK)
        .address(RSI, SAVED_MASK)
        .move(RDX, 0)
        .move(R10, Signals.SET_BYTES)
        .systemCall()
        .load(RAX, SAVED_RAX)
        .load(RCX, SAVED_RCX)
        .load(RDX, SAVED_RDX)
        .load(RSI, SAVED_RSI)
        .load(RDI, SAVED_RDI)
        .load(R8, SAVED_R8)
        .load(R9, SAVED_R9)
        .load(R10, SAVED_R10)
        .load(R11, SAVED_R11)
        .jumpThrough(SAVED_RIP)
        .bytes();
  }

  /** rt_sigreturn(2), from a place where the return address is off the stack. */
  private static byte[] returnRoutine() {
    return new Assembler(RETURN_ROUTINE).move(RAX, Sys.RT_SIGRETURN).systemCall().bytes();
  }

  /**
   * handler(signal, siginfo, ucontext), after a trap of a step: clears the trap flag in the
   * interrupted context and gives the thread its CPUs back.
   */
  private static byte[] stepHandler() {
    return new Assembler(STEP_HANDLER)
        .and(RDX, UCONTEXT_EFLAGS, ~TRAP_FLAG)
        .move(RAX, Sys.SCHED_SETAFFINITY)
        .move(RDI, 0)
        .move(RSI, AFFINITY_BYTES)
        .address(RDX, AFFINITY)
        .systemCall()
        // rt_sigreturn expects the stack as if the return address had been taken off it.
        .releaseStack(WORD_BYTES)
        .move(RAX, Sys.RT_SIGRETURN)
        .systemCall()
        .bytes();
  }

  /**
   * handler(signal, siginfo, ucontext): a trap that is not of a step is the program's own: its own
   * action is put in force and the signal sent again, to be taken as soon as this handler returns.
   */
  private static byte[] trapSorter() {
    Assembler code = new Assembler(TRAP_SORTER);
    code.loadEax(RSI, Signals.SI_CODE_OFFSET)
        .subtractFromEax(Signals.TRAP_BRKPT)
        .compareEax(Signals.TRAP_TRACE - Signals.TRAP_BRKPT);
    int foreign = code.jumpIfAbove();
    code.jumpBack(STEP_HANDLER);
    code.land(foreign);
    return code.move(RAX, Sys.RT_SIGACTION)
        .move(RDI, Signals.SIGTRAP)
        .address(RSI, TRAP_ACTION)
        .move(RDX, 0)
        .move(R10, Signals.SET_BYTES)
        .systemCall()
        .move(RAX, Sys.GETPID)
        .systemCall()
        .move(RBX, RAX)
        .move(RAX, Sys.GETTID)
        .systemCall()
        .move(RSI, RAX)
        .move(RDI, RBX)
        .move(RDX, Signals.SIGTRAP)
        .move(RAX, Sys.TGKILL)
        .systemCall()
        .releaseStack(WORD_BYTES)
        .move(RAX, Sys.RT_SIGRETURN)
        .systemCall()
        .bytes();
  }
}
