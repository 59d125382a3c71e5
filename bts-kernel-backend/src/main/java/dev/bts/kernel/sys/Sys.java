package dev.bts.kernel.sys;

import com.sun.jna.Native;

/**
 * The system call of x86-64 Linux, with numbers from {@code asm/unistd_64.h}.
 *
 * <p>Safe for several threads: errno is captured per thread.
 */
public final class Sys {
  /** read(2). */
  public static final int READ = 0;

  /** write(2). */
  public static final int WRITE = 1;

  /** open(2). */
  public static final int OPEN = 2;

  /** close(2). */
  public static final int CLOSE = 3;

  /** fstat(2). */
  public static final int FSTAT = 5;

  /** mmap(2). */
  public static final int MMAP = 9;

  /** pread64(2). */
  public static final int PREAD64 = 17;

  /** mprotect(2). */
  public static final int MPROTECT = 10;

  /** munmap(2). */
  public static final int MUNMAP = 11;

  /** rt_sigaction(2). */
  public static final int RT_SIGACTION = 13;

  /** rt_sigprocmask(2). */
  public static final int RT_SIGPROCMASK = 14;

  /** rt_sigreturn(2). */
  public static final int RT_SIGRETURN = 15;

  /** ioctl(2). */
  public static final int IOCTL = 16;

  /** pwrite64(2). */
  public static final int PWRITE64 = 18;

  /** access(2). */
  public static final int ACCESS = 21;

  /** mremap(2). */
  public static final int MREMAP = 25;

  /** madvise(2). */
  public static final int MADVISE = 28;

  /** shmget(2). */
  public static final int SHMGET = 29;

  /** shmat(2). */
  public static final int SHMAT = 30;

  /** shmctl(2). */
  public static final int SHMCTL = 31;

  /** dup2(2). */
  public static final int DUP2 = 33;

  /** pause(2). */
  public static final int PAUSE = 34;

  /** getpid(2). */
  public static final int GETPID = 39;

  /** sendto(2). */
  public static final int SENDTO = 44;

  /** sendmsg(2). */
  public static final int SENDMSG = 46;

  /** recvmsg(2). */
  public static final int RECVMSG = 47;

  /** socketpair(2). */
  public static final int SOCKETPAIR = 53;

  /** clone(2). */
  public static final int CLONE = 56;

  /** vfork(2). */
  public static final int VFORK = 58;

  /** execve(2). */
  public static final int EXECVE = 59;

  /** wait4(2). */
  public static final int WAIT4 = 61;

  /** kill(2). */
  public static final int KILL = 62;

  /** shmdt(2). */
  public static final int SHMDT = 67;

  /** fcntl(2). */
  public static final int FCNTL = 72;

  /** ftruncate(2). */
  public static final int FTRUNCATE = 77;

  /** chdir(2). */
  public static final int CHDIR = 80;

  /** ptrace(2). */
  public static final int PTRACE = 101;

  /** getuid(2). */
  public static final int GETUID = 102;

  /** setgroups(2). */
  public static final int SETGROUPS = 116;

  /** setresuid(2). */
  public static final int SETRESUID = 117;

  /** setresgid(2). */
  public static final int SETRESGID = 119;

  /** capset(2). */
  public static final int CAPSET = 126;

  /** personality(2). */
  public static final int PERSONALITY = 135;

  /** mlock(2). */
  public static final int MLOCK = 149;

  /** munlock(2). */
  public static final int MUNLOCK = 150;

  /** mlockall(2). */
  public static final int MLOCKALL = 151;

  /** munlockall(2). */
  public static final int MUNLOCKALL = 152;

  /** prctl(2). */
  public static final int PRCTL = 157;

  /** gettid(2). */
  public static final int GETTID = 186;

  /** sched_setaffinity(2). */
  public static final int SCHED_SETAFFINITY = 203;

  /** sched_getaffinity(2). */
  public static final int SCHED_GETAFFINITY = 204;

  /** exit_group(2). */
  public static final int EXIT_GROUP = 231;

  /** waitid(2). */
  public static final int WAITID = 247;

  /** tgkill(2). */
  public static final int TGKILL = 234;

  /** remap_file_pages(2). */
  public static final int REMAP_FILE_PAGES = 216;

  /** restart_syscall(2). */
  public static final int RESTART_SYSCALL = 219;

  /** unshare(2). */
  public static final int UNSHARE = 272;

  /** set_robust_list(2). */
  public static final int SET_ROBUST_LIST = 273;

  /** get_robust_list(2). */
  public static final int GET_ROBUST_LIST = 274;

  /** fallocate(2). */
  public static final int FALLOCATE = 285;

  /** dup3(2). */
  public static final int DUP3 = 292;

  /** perf_event_open(2). */
  public static final int PERF_EVENT_OPEN = 298;

  /** prlimit64(2). */
  public static final int PRLIMIT64 = 302;

  /** getcpu(2). */
  public static final int GETCPU = 309;

  /** process_vm_readv(2). */
  public static final int PROCESS_VM_READV = 310;

  /** memfd_create(2). */
  public static final int MEMFD_CREATE = 319;

  /** userfaultfd(2). */
  public static final int USERFAULTFD = 323;

  /** pkey_mprotect(2). */
  public static final int PKEY_MPROTECT = 329;

  /** execveat(2). */
  public static final int EXECVEAT = 322;

  /** mlock2(2). */
  public static final int MLOCK2 = 325;

  /** io_uring_setup(2). */
  public static final int IO_URING_SETUP = 425;

  /** pidfd_open(2). */
  public static final int PIDFD_OPEN = 434;

  /** pidfd_getfd(2). */
  public static final int PIDFD_GETFD = 438;

  /** clone3(2). */
  public static final int CLONE3 = 435;

  private Sys() {}

  /** Makes a system call; returns its result, or a negative errno. Allocates nothing. */
  public static long call(int number, long a, long b, long c, long d, long e, long f) {
    Boundary.Interposer interposer = Boundary.interposer();
    if (interposer != null) {
      return interposer.call(
          Boundary.Side.TRACER, number, a, b, () -> make(number, a, b, c, d, e, f));
    }
    return make(number, a, b, c, d, e, f);
  }

  private static long make(int number, long a, long b, long c, long d, long e, long f) {
    long result = Libc.syscall(number, a, b, c, d, e, f);
    return result == -1 ? -Native.getLastError() : result;
  }

  /** Makes a system call of up to four arguments. */
  public static long call(int number, long a, long b, long c, long d) {
    return call(number, a, b, c, d, 0, 0);
  }

  /** Makes a system call of up to two arguments. */
  public static long call(int number, long a, long b) {
    return call(number, a, b, 0, 0, 0, 0);
  }
}
