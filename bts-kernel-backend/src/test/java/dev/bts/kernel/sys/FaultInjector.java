package dev.bts.kernel.sys;

import com.sun.jna.Pointer;
import dev.bts.kernel.sys.Boundary.Side;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Stands between bts and the kernel from its making until it is closed: counts the calls, and
 * answers one of them with an error in the kernel's place.
 *
 * <p>The answer is one that the kernel could give. A call that fails because the process is gone
 * (ESRCH, ECHILD) finds it killed; a descriptor whose closing fails is closed, as on Linux; any
 * other call that fails is not made.
 */
public final class FaultInjector implements Boundary.Interposer, AutoCloseable {
  /**
   * A place from which a system call is made.
   *
   * @param request of ptrace(2), -1 for a wait4(2) for anybody, the kind of file of open(2) and
   *     read(2), the command of fcntl(2) and ioctl(2)
   * @param ofThisThread whether the call is about the calling thread
   * @param stack the methods and lines of bts that lead to it, the innermost first
   */
  public record Site(Side side, int number, long request, boolean ofThisThread, String stack) {
    /** Returns the errors that the call may answer. */
    public List<Integer> errors() {
      return DocumentedErrors.of(side, number, request, ofThisThread);
    }

    @Override
    public String toString() {
      String detail = number == Sys.PTRACE ? ":" + Long.toHexString(request) : "";
      return side + " call " + number + detail + " at " + stack;
    }
  }

  /** An error for the n-th call from a site, the first being 1. */
  public record Fault(Site site, int occurrence, int errno) {
    @Override
    public String toString() {
      return Errno.name(errno) + " for no. " + occurrence + " of " + site;
    }
  }

  private static final String OWN = "dev.bts.";
  private static final String BELOW = "dev.bts.kernel.sys.";

  /** Classes by which threads are asked to do something. */
  private static final Set<String> ASKED = Set.of("SessionThread", "Errands");

  /** The kind of a file below this process's directory in /proc. */
  static final long OWN_FILE = 1;

  /** The kind of a file below another process's directory in /proc. */
  static final long PROCESS_FILE = 2;

  /** The kind of another file below /proc, or one below /sys. */
  static final long SYSTEM_FILE = 3;

  /** The kind of a descriptor that is a socket. */
  static final long SOCKET = 1;

  private final @Nullable Fault fault;
  private final Map<Site, Integer> counts = new LinkedHashMap<>();
  private final Map<Long, Long> mapped = new TreeMap<>();
  private final Map<Long, Integer> descriptors = new TreeMap<>();
  private boolean struck;
  private boolean killed;

  /**
   * Begins.
   *
   * @param fault what is to fail, null if nothing is
   */
  public FaultInjector(@Nullable Fault fault) {
    this.fault = fault;
    Boundary.interpose(this);
  }

  @Override
  public long call(Side side, int number, long a, long b, LongSupplier real) {
    if (strikes(siteOf(side, number, a, b))) {
      return fail(side, number, a, b, real);
    }
    long result = real.getAsLong();
    if (side == Side.TRACER) {
      tally(number, a, b, result);
    }
    return result;
  }

  private static Site siteOf(Side side, int number, long a, long b) {
    long request =
        switch (number) {
          case Sys.PTRACE -> a;
          case Sys.WAIT4 -> Math.min(a, 0);
          case Sys.IOCTL -> b;
          case Sys.FCNTL -> side == Side.TRACER ? b : 0;
          case Sys.OPEN -> side == Side.TRACER ? fileKind(a) : 0;
          case Sys.READ -> side == Side.TRACER && isSocket(a) ? SOCKET : 0;
          default -> 0;
        };
    boolean ofThisThread = side == Side.TRACER && number != Sys.WAIT4 && a == 0;
    return new Site(side, number, request, ofThisThread, stack());
  }

  private static long fileKind(long address) {
    String path = path(address);
    if (path.matches("/proc/(self|" + ProcessHandle.current().pid() + ")/.*")) {
      return OWN_FILE;
    }
    if (path.matches("/proc/\\d+/.*")) {
      return PROCESS_FILE;
    }
    return path.startsWith("/proc/") || path.startsWith("/sys/") ? SYSTEM_FILE : 0;
  }

  private static boolean isSocket(long descriptor) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
          .toString()
          .startsWith("socket:");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String path(long address) {
    return new Pointer(address).getString(0);
  }

  private synchronized boolean strikes(Site site) {
    int count = counts.merge(site, 1, Integer::sum);
    boolean now = fault != null && fault.site().equals(site) && fault.occurrence() == count;
    struck |= now;
    return now;
  }

  private long fail(Side side, int number, long a, long b, LongSupplier real) {
    int errno = fault == null ? 0 : fault.errno();
    boolean file = number == Sys.OPEN && side == Side.TRACER;
    if (file && errno == Errno.ENOENT && fileKind(a) == PROCESS_FILE) {
      kill(Integer.parseInt(path(a).split("/", -1)[2]));
    } else if (errno == Errno.ESRCH || errno == Errno.ECHILD) {
      kill(victim(side, number, a, b));
      if (number == Sys.PTRACE && real.getAsLong() == 0) {
        // It stood in its exit, where a signal does not wake it: now it goes on.
        return -errno;
      }
      while (errno == Errno.ECHILD && real.getAsLong() >= 0) {
        // Until there is nothing to wait for; it may stop once more at its exit.
        Libc.syscall(Sys.PTRACE, Ptrace.CONT, a, 0, 0, 0, 0);
      }
    } else if (number == Sys.CLOSE) {
      long closed = real.getAsLong();
      return closed < 0 ? closed : -errno;
    }
    return -errno;
  }

  /** Returns the process that a call is about. */
  private int victim(Side side, int number, long a, long b) {
    if (number == Sys.PIDFD_GETFD || number == Sys.IOCTL) {
      return descriptors.getOrDefault(a, 0);
    }
    return (int) (side == Side.TRACER && number != Sys.PTRACE ? a : b);
  }

  /** Kills a process that was started for the trial. Others outlive it, whatever they answer. */
  private void kill(int tid) {
    int group = tid;
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + tid + "/status"))) {
        group = line.startsWith("Tgid:") ? Integer.parseInt(line.substring(5).trim()) : group;
      }
    } catch (IOException gone) {
      return;
    }
    long pid = group;
    if (ProcessHandle.current().descendants().anyMatch(process -> process.pid() == pid)) {
      killed = true;
      Libc.syscall(Sys.KILL, pid, Signals.SIGKILL, 0, 0, 0, 0);
    }
  }

  private synchronized void tally(int number, long a, long b, long result) {
    if (number == Sys.MMAP && a == 0 && !Errno.isError(result)) {
      mapped.put(result, b);
    } else if (number == Sys.MUNMAP && result == 0) {
      mapped.remove(a);
    } else if (number == Sys.PIDFD_OPEN) {
      descriptors.put(result, (int) a);
    } else if (number == Sys.PIDFD_GETFD) {
      descriptors.put(result, descriptors.getOrDefault(a, 0));
    }
  }

  /**
   * How a thread came to do what it is asked for depends on what it was doing, so it is cut off.
   */
  private static String stack() {
    return StackWalker.getInstance()
        .walk(
            frames ->
                frames
                    .filter(frame -> frame.getClassName().startsWith(OWN))
                    .takeWhile(frame -> !ASKED.contains(simpleName(frame)))
                    .filter(frame -> !frame.getClassName().startsWith(BELOW))
                    .map(FaultInjector::place)
                    .distinct()
                    .collect(Collectors.joining(" < ")));
  }

  private static String place(StackWalker.StackFrame frame) {
    return simpleName(frame) + "." + frame.getMethodName() + ":" + frame.getLineNumber();
  }

  private static String simpleName(StackWalker.StackFrame frame) {
    return frame.getClassName().replaceFirst(".*\\.", "");
  }

  /** Returns the places that calls were made from, with how many. */
  public synchronized Map<Site, Integer> counts() {
    return new LinkedHashMap<>(counts);
  }

  /** Returns whether the fault has happened. */
  public synchronized boolean struck() {
    return struck;
  }

  /** Returns whether a process was killed for it. */
  public boolean killed() {
    return killed;
  }

  /** Returns the addresses that this process has mapped by own calls and not unmapped. */
  public synchronized Collection<Long> stillMapped() {
    return new ArrayList<>(mapped.keySet());
  }

  @Override
  public void close() {
    Boundary.interpose(null);
  }
}
