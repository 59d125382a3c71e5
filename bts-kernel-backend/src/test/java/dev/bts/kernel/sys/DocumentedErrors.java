package dev.bts.kernel.sys;

import dev.bts.kernel.sys.Boundary.Side;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The errors that the manual pages document for each system call of bts, without those that only a
 * wrong argument causes and that the caller excludes (EBADF, EFAULT of its own memory).
 */
final class DocumentedErrors {
  private static final int ENXIO = 6;
  private static final int ENODEV = 19;
  private static final int EFBIG = 27;
  private static final int EROFS = 30;

  private static final Map<Integer, int[]> OF_CALLS =
      Map.ofEntries(
          of(Sys.READ, Errno.EINTR, Errno.EIO, Errno.ENOMEM, Errno.ECONNRESET),
          of(Sys.WRITE, Errno.EINTR, Errno.EIO, Errno.ENOSPC, Errno.EDQUOT, EFBIG),
          of(
              Sys.OPEN,
              Errno.EACCES,
              Errno.EINTR,
              Errno.EMFILE,
              Errno.ENFILE,
              Errno.ENOENT,
              Errno.ENOMEM,
              ENXIO,
              Errno.EPERM,
              Errno.ELOOP),
          of(Sys.CLOSE, Errno.EINTR, Errno.EIO, Errno.EDQUOT),
          of(Sys.FSTAT, Errno.ENOMEM),
          of(
              Sys.MMAP,
              Errno.EAGAIN,
              Errno.ENOMEM,
              Errno.EPERM,
              Errno.EACCES,
              Errno.ENFILE,
              Errno.EINVAL),
          of(Sys.MPROTECT, Errno.EACCES, Errno.ENOMEM),
          of(Sys.MUNMAP, Errno.EINVAL, Errno.ENOMEM),
          of(Sys.RT_SIGACTION, Errno.EINVAL, Errno.EFAULT),
          of(Sys.RT_SIGPROCMASK, Errno.EINVAL, Errno.EFAULT),
          of(Sys.ACCESS, Errno.EACCES, Errno.ENOENT, Errno.ENOTDIR, Errno.EIO, EROFS),
          of(Sys.MADVISE, Errno.EAGAIN, Errno.ENOMEM, Errno.EINVAL),
          of(Sys.SHMGET, Errno.EACCES, Errno.EEXIST, Errno.ENFILE, Errno.ENOMEM, Errno.ENOSPC),
          of(Sys.SHMAT, Errno.EACCES, Errno.EIDRM, Errno.EINVAL, Errno.ENOMEM),
          of(Sys.SHMCTL, Errno.EACCES, Errno.EIDRM, Errno.EINVAL, Errno.ENOMEM, Errno.EPERM),
          of(Sys.SHMDT, Errno.EINVAL),
          of(Sys.SENDTO, Errno.EINTR, Errno.EPIPE, Errno.ECONNRESET, Errno.ENOBUFS, Errno.ENOMEM),
          of(Sys.SENDMSG, Errno.EINTR, Errno.EPIPE, Errno.ECONNRESET, Errno.ENOBUFS, Errno.ENOMEM),
          of(Sys.RECVMSG, Errno.EINTR, Errno.ECONNRESET, Errno.ENOMEM),
          of(Sys.SOCKETPAIR, Errno.EMFILE, Errno.ENFILE, Errno.EOPNOTSUPP),
          of(
              Sys.VFORK,
              Errno.EAGAIN,
              Errno.ENOMEM,
              Errno.EACCES,
              Errno.EPERM,
              Errno.ENOENT,
              Errno.ENOEXEC),
          of(
              Sys.EXECVE,
              Errno.E2BIG,
              Errno.EACCES,
              Errno.EAGAIN,
              Errno.EIO,
              Errno.ELOOP,
              Errno.EMFILE,
              Errno.ENFILE,
              Errno.ENOENT,
              Errno.ENOMEM,
              Errno.ENOTDIR,
              Errno.EPERM,
              Errno.ETXTBSY),
          of(Sys.WAIT4, Errno.EINTR, Errno.ECHILD),
          of(Sys.KILL, Errno.EPERM),
          of(Sys.FCNTL, Errno.EMFILE, Errno.EINVAL, Errno.EPERM),
          of(Sys.FTRUNCATE, Errno.EINTR, Errno.EIO, EFBIG, Errno.EINVAL, Errno.EPERM),
          of(Sys.CHDIR, Errno.EACCES, Errno.ENOENT, Errno.ENOTDIR, Errno.EIO),
          of(Sys.CAPSET, Errno.EPERM, Errno.EINVAL),
          of(Sys.PERSONALITY, Errno.EINVAL),
          of(Sys.SCHED_SETAFFINITY, Errno.EINVAL, Errno.EPERM, Errno.ESRCH),
          of(Sys.SCHED_GETAFFINITY, Errno.EINVAL, Errno.ESRCH),
          of(Sys.TGKILL, Errno.EAGAIN, Errno.EPERM),
          of(Sys.SET_ROBUST_LIST, Errno.EINVAL),
          of(Sys.GET_ROBUST_LIST, Errno.EPERM),
          of(Sys.FALLOCATE, Errno.EINTR, Errno.EIO, Errno.ENOSPC, EFBIG, Errno.EPERM),
          of(Sys.PRLIMIT64, Errno.EINVAL, Errno.EPERM),
          of(Sys.GETCPU, Errno.EFAULT),
          of(Sys.PROCESS_VM_READV, Errno.ENOMEM, Errno.EPERM, Errno.ESRCH),
          of(Sys.MEMFD_CREATE, Errno.EINVAL, Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM, Errno.EPERM),
          of(Sys.USERFAULTFD, Errno.EINVAL, Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM, Errno.EPERM),
          of(Sys.PIDFD_OPEN, Errno.EMFILE, Errno.ENFILE, ENODEV, Errno.ENOMEM, Errno.ESRCH),
          of(Sys.PIDFD_GETFD, Errno.EMFILE, Errno.EPERM, Errno.ESRCH));

  /** Of ioctl(2), by request (ioctl_userfaultfd(2)). */
  private static final Map<Long, int[]> OF_REQUESTS =
      Map.of(
          UserFault.API, new int[] {Errno.EINVAL},
          UserFault.REGISTER, new int[] {Errno.EBUSY, Errno.EINVAL, Errno.ENOMEM},
          UserFault.WRITE_PROTECT,
              new int[] {Errno.EAGAIN, Errno.ENOENT, Errno.ENOMEM, Errno.ESRCH});

  private static final Map<Integer, int[]> OF_PTRACE =
      Map.of(
          Ptrace.SEIZE, new int[] {Errno.EPERM, Errno.EIO, Errno.ESRCH},
          Ptrace.PEEKDATA, new int[] {Errno.EIO, Errno.EFAULT, Errno.ESRCH},
          Ptrace.POKEDATA, new int[] {Errno.EIO, Errno.EFAULT, Errno.ESRCH},
          Ptrace.GETSIGINFO, new int[] {Errno.EINVAL, Errno.ESRCH});

  private static final int[] OF_OTHER_PTRACE = {Errno.EIO, Errno.ESRCH};
  private static final int[] NONE = {};

  private static final List<Integer> NO_ACCESS =
      List.of(Errno.ENOENT, Errno.EACCES, Errno.EPERM, Errno.ELOOP, ENXIO);

  private DocumentedErrors() {}

  private static boolean isOwnFile(int number, long request) {
    return number == Sys.OPEN && request == FaultInjector.OWN_FILE;
  }

  private static Map.Entry<Integer, int[]> of(int number, int... errors) {
    return Map.entry(number, errors);
  }

  private static boolean isSocket(long request) {
    return request == FaultInjector.SOCKET;
  }

  private static boolean duplicates(long request) {
    return request == Descriptors.F_DUPFD_CLOEXEC;
  }

  /** A file that is read knows no reset connection, and a socket no broken device. */
  private static boolean isSocketError(int error) {
    return error == Errno.ECONNRESET || error == Errno.EINTR;
  }

  /**
   * Returns the errors of a call; of one that a tracee makes for us also that it is killed.
   *
   * @param request of ptrace(2), or what {@link FaultInjector.Site} says
   */
  static List<Integer> of(Side side, int number, long request, boolean ofThisThread) {
    int[] errors =
        switch (number) {
          case Sys.PTRACE -> OF_PTRACE.getOrDefault((int) request, OF_OTHER_PTRACE);
          case Sys.IOCTL -> OF_REQUESTS.getOrDefault(request, NONE);
          default -> OF_CALLS.getOrDefault(number, NONE);
        };
    Stream<Integer> all =
        IntStream.of(errors)
            .boxed()
            // What this process has below /proc is there, and may be read.
            .filter(error -> !(isOwnFile(number, request) && NO_ACCESS.contains(error)))
            .filter(error -> number != Sys.READ || isSocketError(error) == isSocket(request))
            .filter(error -> number != Sys.FCNTL || (error == Errno.EMFILE) == duplicates(request))
            // A wait for whichever tracee answers ECHILD only where there is none.
            .filter(error -> error != Errno.ECHILD || request >= 0)
            // The calling thread is there.
            .filter(error -> error != Errno.ESRCH || !ofThisThread);
    return (side == Side.TRACEE ? Stream.concat(all, Stream.of(Errno.ESRCH)) : all)
        .distinct()
        .toList();
  }
}
