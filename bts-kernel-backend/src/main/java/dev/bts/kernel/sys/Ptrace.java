package dev.bts.kernel.sys;

/** Requests, options, events and wait status of ptrace(2) ({@code linux/ptrace.h}). */
public final class Ptrace {
  /** PTRACE_PEEKDATA; by system call, the word is stored at {@code data}. */
  public static final int PEEKDATA = 2;

  /** PTRACE_POKEDATA. */
  public static final int POKEDATA = 5;

  /** PTRACE_CONT. */
  public static final int CONT = 7;

  /** PTRACE_SINGLESTEP. */
  public static final int SINGLESTEP = 9;

  /** PTRACE_GETREGS. */
  public static final int GETREGS = 12;

  /** PTRACE_SETREGS. */
  public static final int SETREGS = 13;

  /** PTRACE_DETACH. */
  public static final int DETACH = 17;

  /** PTRACE_SYSCALL. */
  public static final int SYSCALL = 24;

  /** PTRACE_SINGLEBLOCK. */
  public static final int SINGLEBLOCK = 33;

  /** PTRACE_GETEVENTMSG. */
  public static final int GETEVENTMSG = 0x4201;

  /** PTRACE_GETSIGINFO. */
  public static final int GETSIGINFO = 0x4202;

  /** PTRACE_SETSIGINFO. */
  public static final int SETSIGINFO = 0x4203;

  /** PTRACE_SEIZE. */
  public static final int SEIZE = 0x4206;

  /** PTRACE_INTERRUPT. */
  public static final int INTERRUPT = 0x4207;

  /** PTRACE_LISTEN. */
  public static final int LISTEN = 0x4208;

  /** PTRACE_GETSIGMASK. */
  public static final int GETSIGMASK = 0x420a;

  /** PTRACE_SETSIGMASK. */
  public static final int SETSIGMASK = 0x420b;

  /** PTRACE_O_TRACESYSGOOD. */
  public static final int O_TRACESYSGOOD = 1;

  /** PTRACE_O_TRACEFORK. */
  public static final int O_TRACEFORK = 2;

  /** PTRACE_O_TRACEVFORK. */
  public static final int O_TRACEVFORK = 4;

  /** PTRACE_O_TRACECLONE. */
  public static final int O_TRACECLONE = 8;

  /** PTRACE_O_TRACEEXEC. */
  public static final int O_TRACEEXEC = 0x10;

  /** PTRACE_O_TRACEEXIT. */
  public static final int O_TRACEEXIT = 0x40;

  /** PTRACE_O_EXITKILL. */
  public static final int O_EXITKILL = 0x100000;

  /** PTRACE_EVENT_FORK. */
  public static final int EVENT_FORK = 1;

  /** PTRACE_EVENT_VFORK. */
  public static final int EVENT_VFORK = 2;

  /** PTRACE_EVENT_CLONE. */
  public static final int EVENT_CLONE = 3;

  /** PTRACE_EVENT_EXEC. */
  public static final int EVENT_EXEC = 4;

  /** PTRACE_EVENT_EXIT. */
  public static final int EVENT_EXIT = 6;

  /** PTRACE_EVENT_STOP: group stop, interrupt, or the first stop of a new tracee. */
  public static final int EVENT_STOP = 128;

  /** The bit that PTRACE_O_TRACESYSGOOD sets in the signal of a system call stop. */
  public static final int SYSGOOD = 0x80;

  /** NT_X86_XSTATE, the register set of vector and floating point state. */
  public static final int NT_X86_XSTATE = 0x202;

  /** __WALL: wait for children of any kind. */
  public static final int WALL = 0x40000000;

  /** __WNOTHREAD: only for children and tracees of the calling thread. */
  public static final int WNOTHREAD = 0x20000000;

  /** WNOHANG: do not wait. */
  public static final int WNOHANG = 1;

  private Ptrace() {}

  /** Makes a ptrace call; returns its result or a negative errno. */
  public static long call(int request, int tid, long address, long data) {
    return Sys.call(Sys.PTRACE, request, tid, address, data);
  }

  /** Makes a ptrace call like {@link Insistence#call}, but allocates nothing. */
  public static long insist(int request, int tid, long address, long data) {
    long result = call(request, tid, address, data);
    return result < 0 ? call(request, tid, address, data) : result;
  }

  /** Returns whether a wait status says that the task exited. */
  public static boolean exited(int status) {
    return (status & 0x7f) == 0;
  }

  /** Returns the exit code. */
  public static int exitCode(int status) {
    return (status >> 8) & 0xff;
  }

  /** Returns whether a wait status says that the task stopped. */
  public static boolean stopped(int status) {
    return (status & 0xff) == 0x7f;
  }

  /** Returns the signal that killed the task, for a status that is neither exited nor stopped. */
  public static int killSignal(int status) {
    return status & 0x7f;
  }

  /** Returns the signal of a stop, with {@link #SYSGOOD} for a system call stop. */
  public static int stopSignal(int status) {
    return (status >> 8) & 0xff;
  }

  /** Returns the ptrace event of a stop, 0 if it is none. */
  public static int event(int status) {
    return status >>> 16;
  }
}
