package dev.bts.kernel.sys;

/** Signal numbers of x86-64 Linux and the layouts of siginfo_t and struct sigaction. */
public final class Signals {
  /** SIGTRAP. */
  public static final int SIGTRAP = 5;

  /** SIGILL. */
  public static final int SIGILL = 4;

  /** SIGBUS. */
  public static final int SIGBUS = 7;

  /** SIGFPE. */
  public static final int SIGFPE = 8;

  /** SIGKILL. */
  public static final int SIGKILL = 9;

  /** SIGSEGV. */
  public static final int SIGSEGV = 11;

  /** SIGCHLD. */
  public static final int SIGCHLD = 17;

  /** SIGCONT. */
  public static final int SIGCONT = 18;

  /** SIGSTOP. */
  public static final int SIGSTOP = 19;

  /** SIGTTOU, the last of the stop signals. */
  public static final int SIGTTOU = 22;

  /** SIGURG. */
  public static final int SIGURG = 23;

  /** SIGWINCH. */
  public static final int SIGWINCH = 28;

  /** SIG_SETMASK. */
  public static final int SIG_SETMASK = 2;

  /** The number of signals. */
  public static final int COUNT = 64;

  /** The size of a kernel signal set in bytes. */
  public static final int SET_BYTES = 8;

  /** The size of siginfo_t. */
  public static final int SIGINFO_BYTES = 128;

  /** The offset of si_code in siginfo_t. */
  public static final int SI_CODE_OFFSET = 8;

  /** si_code of tgkill(2). */
  public static final int SI_TKILL = -6;

  /** si_code of a single step (TRAP_TRACE). */
  public static final int TRAP_TRACE = 2;

  /** si_code of a step over a system call (TRAP_BRKPT). */
  public static final int TRAP_BRKPT = 1;

  /** The size of the kernel's struct sigaction. */
  public static final int SIGACTION_BYTES = 32;

  /** The offset of sa_handler. */
  public static final int SA_HANDLER_OFFSET = 0;

  /** The offset of sa_flags. */
  public static final int SA_FLAGS_OFFSET = 8;

  /** The offset of sa_restorer. */
  public static final int SA_RESTORER_OFFSET = 16;

  /** SA_SIGINFO. */
  public static final long SA_SIGINFO = 4;

  /** SA_RESTORER. */
  public static final long SA_RESTORER = 0x04000000L;

  /** SA_RESTART. */
  public static final long SA_RESTART = 0x10000000L;

  private static final String[] NAMES = {
    "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU",
    "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS"
  };

  private Signals() {}

  /** Returns the bit of a signal in a kernel signal set. */
  public static long bit(int signal) {
    return 1L << (signal - 1);
  }

  /** Returns the name of a signal, such as {@code SIGTRAP}. */
  public static String name(int signal) {
    return signal > 0 && signal < NAMES.length ? "SIG" + NAMES[signal] : "signal " + signal;
  }
}
