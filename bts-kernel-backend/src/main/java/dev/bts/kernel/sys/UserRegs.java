package dev.bts.kernel.sys;

/** The layout of {@code struct user_regs_struct} (sys/user.h, x86-64): offsets in bytes. */
public final class UserRegs {
  /** r15. */
  public static final int R15 = 0;

  /** r14. */
  public static final int R14 = 8;

  /** r13. */
  public static final int R13 = 16;

  /** r12. */
  public static final int R12 = 24;

  /** rbp. */
  public static final int RBP = 32;

  /** rbx. */
  public static final int RBX = 40;

  /** r11. */
  public static final int R11 = 48;

  /** r10. */
  public static final int R10 = 56;

  /** r9. */
  public static final int R9 = 64;

  /** r8. */
  public static final int R8 = 72;

  /** rax. */
  public static final int RAX = 80;

  /** rcx. */
  public static final int RCX = 88;

  /** rdx. */
  public static final int RDX = 96;

  /** rsi. */
  public static final int RSI = 104;

  /** rdi. */
  public static final int RDI = 112;

  /** The number of the system call that the thread is in, -1 if none. */
  public static final int ORIG_RAX = 120;

  /** rip. */
  public static final int RIP = 128;

  /** cs. */
  public static final int CS = 136;

  /** rflags. */
  public static final int EFLAGS = 144;

  /** rsp. */
  public static final int RSP = 152;

  /** ss. */
  public static final int SS = 160;

  /** The base of the FS segment. */
  public static final int FS_BASE = 168;

  /** The base of the GS segment. */
  public static final int GS_BASE = 176;

  /** The selector of the GS segment. */
  public static final int GS = 208;

  /** The size of the structure. */
  public static final int BYTES = 27 * 8;

  private UserRegs() {}
}
