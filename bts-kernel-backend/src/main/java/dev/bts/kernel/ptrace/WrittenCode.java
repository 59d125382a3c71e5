package dev.bts.kernel.ptrace;

import dev.bts.kernel.sys.Descriptors;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Insistence;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.NativeBuffer;
import dev.bts.kernel.sys.PageRange;
import dev.bts.kernel.sys.Sys;
import dev.bts.kernel.sys.UserFault;
import dev.bts.kernel.sys.WakeUp;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;

/**
 * The writable pages of a process that code was translated from: who writes to one waits until the
 * tracer knows (userfaultfd(2), write protection).
 *
 * <p>The program sees nothing of it: its mappings are as writable as before. The descriptor is the
 * tracer's alone, so when the tracer dies the kernel closes it, takes all protection away and lets
 * those go on that wait. What the kernel itself would write for a system call it refuses with
 * EFAULT; {@link Stepper} has the call made again then.
 *
 * <p>A thread of its own waits for the messages. All methods are the tracer thread's.
 */
final class WrittenCode implements AutoCloseable {
  private static final long WAKE_MILLIS = 10;

  private final int descriptor;
  private final Errands errands;
  private final LongConsumer written;

  /** The numbers of the protected pages. */
  private final NavigableSet<Long> pages = new TreeSet<>();

  private final CompletableFuture<Integer> watcherTid = new CompletableFuture<>();
  private final Thread watcher;
  private volatile boolean closed;

  private WrittenCode(int pid, int descriptor, Errands errands, LongConsumer written) {
    this.descriptor = descriptor;
    this.errands = errands;
    this.written = written;
    watcher = new Thread(this::watch, "bts-written-code-" + pid);
    watcher.setDaemon(true);
    watcher.start();
  }

  /**
   * Begins to watch a process, no page yet.
   *
   * @param task stands, and makes the call that only the process itself can make
   * @param written is told the address of a page that somebody wants to write to and waits for, in
   *     the tracer thread, before it may be written to
   * @throws dev.bts.api.KernelException if the kernel refuses
   */
  static WrittenCode open(Task task, InjectedCalls calls, Errands errands, LongConsumer written) {
    int pid = task.tracee().pid();
    String purpose = "watch the code that process " + pid + " writes";
    int flags = Descriptors.O_CLOEXEC | UserFault.USER_MODE_ONLY;
    long theirs = Errno.check(calls.call(task, Sys.USERFAULTFD, flags), purpose);
    int ours;
    try {
      ours = take(pid, theirs, purpose);
    } finally {
      Insistence.call(() -> calls.call(task, Sys.CLOSE, theirs));
    }
    try {
      Errno.check(UserFault.handshake(ours), purpose);
      return new WrittenCode(pid, ours, errands, written);
    } catch (RuntimeException | Error failed) {
      Descriptors.close(ours);
      throw failed;
    }
  }

  private static int take(int pid, long theirs, String purpose) {
    long process = Errno.check(Sys.call(Sys.PIDFD_OPEN, pid, 0), purpose);
    try {
      return (int) Errno.check(Sys.call(Sys.PIDFD_GETFD, process, theirs), purpose);
    } finally {
      Descriptors.close((int) process);
    }
  }

  /**
   * Has the writes to some pages reported from now on.
   *
   * @param area that they belong to
   * @return whether they will be; else nothing is known of them
   */
  boolean protect(MemoryArea area, long from, long to) {
    PageRange wanted = PageRange.of(from, to);
    for (long page = wanted.first(); page <= wanted.last(); page++) {
      if (!pages.contains(page)) {
        if (!protect(area, PageRange.address(page))) {
          return false;
        }
        pages.add(page);
      }
    }
    return true;
  }

  private boolean protect(MemoryArea area, long page) {
    long done = UserFault.protect(descriptor, page, Mapping.PAGE_BYTES);
    if (done == -Errno.ENOENT) {
      // A mapping that is new, or of which no page was protected yet.
      UserFault.register(descriptor, area.start(), area.end() - area.start());
      done = UserFault.protect(descriptor, page, Mapping.PAGE_BYTES);
    }
    return !Errno.isError(done);
  }

  /** Returns whether the writes to some pages are reported. */
  boolean isProtected(long from, long to) {
    PageRange asked = PageRange.of(from, to);
    return asked.in(pages).size() == asked.last() - asked.first() + 1;
  }

  /** Returns the addresses of the protected pages that overlap a piece of memory. */
  List<Long> pages(long from, long to) {
    return PageRange.of(from, to).in(pages).stream().map(PageRange::address).toList();
  }

  /** Lets everybody write to pages again; whoever wants them protected must ask once more. */
  void release(long from, long to) {
    for (long page : PageRange.of(from, to).in(pages)) {
      pages.remove(page);
      release(PageRange.address(page));
    }
  }

  private void release(long page) {
    long done = UserFault.release(descriptor, page, Mapping.PAGE_BYTES);
    if (Errno.isError(done)) {
      // It is not mapped any more, or by somebody else.
      UserFault.wake(descriptor, page, Mapping.PAGE_BYTES);
    }
  }

  private void watch() {
    watcherTid.complete((int) Sys.call(Sys.GETTID, 0, 0));
    try (NativeBuffer message = new NativeBuffer(UserFault.MESSAGE_BYTES)) {
      while (!closed) {
        long got = Sys.call(Sys.READ, descriptor, message.address(), UserFault.MESSAGE_BYTES, 0);
        if (got == UserFault.MESSAGE_BYTES && UserFault.isFault(message.bytes())) {
          long page = UserFault.address(message.bytes()) & -Mapping.PAGE_BYTES;
          errands.ask(() -> tell(page), () -> closed);
        } else if (got != -Errno.EINTR) {
          errands.ask(() -> fail(got), () -> closed);
          return;
        }
      }
    } catch (InterruptedException nobodyDoes) {
      throw new IllegalStateException(nobodyDoes);
    }
  }

  private void tell(long page) {
    if (closed) {
      return;
    }
    boolean known = pages.contains(PageRange.number(page));
    written.accept(page);
    if (!known) {
      // It was released meanwhile, but whoever waits for it came before that.
      release(page);
    }
  }

  /** Whoever writes to a page from now on would wait for ever, so the session must not go on. */
  private void fail(long answer) {
    if (!closed) {
      Errno.check(Errno.isError(answer) ? answer : -Errno.EIO, "watch for written code");
    }
  }

  /** Takes all protection away and lets everybody go on who waits. */
  @Override
  public void close() {
    closed = true;
    boolean interrupted = false;
    while (watcher.isAlive()) {
      WakeUp.get().send(watcherTid.join());
      try {
        watcher.join(WAKE_MILLIS);
      } catch (InterruptedException again) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    Descriptors.close(descriptor);
  }
}
