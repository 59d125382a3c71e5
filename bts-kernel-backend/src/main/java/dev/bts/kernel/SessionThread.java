package dev.bts.kernel;

import dev.bts.api.BtsException;
import dev.bts.api.Explanation;
import dev.bts.api.SessionStateException;
import dev.bts.kernel.sys.Sys;
import dev.bts.kernel.sys.WakeUp;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The platform thread of a session: the only one that makes its ptrace calls, and the one that
 * carries out what other threads ask of the session, one thing after another.
 *
 * <p>While nothing is asked it works for itself ({@link Work}), which as a rule means that it waits
 * for a tracee. A request wakes it from that wait by a signal whose handler does nothing.
 *
 * @param <W> what it works on, which no other thread ever touches
 */
final class SessionThread<W extends SessionThread.Work> {
  /** What the thread does while nothing is asked of it. */
  interface Work {
    /** Returns whether there is anything to do. */
    boolean isWaiting();

    /** Does one piece; may block in a system call that a signal ends with EINTR. */
    void once();
  }

  private static final long FIRST_WAKE_MICROS = 100;
  private static final long LAST_WAKE_MICROS = 50_000;

  private final LinkedBlockingQueue<Runnable> requests = new LinkedBlockingQueue<>();
  private final Thread thread;
  private final WakeUp wakeUp = WakeUp.get();
  private final CompletableFuture<Integer> tid = new CompletableFuture<>();
  private final CompletableFuture<W> ready = new CompletableFuture<>();
  private volatile boolean working;
  private volatile boolean ended;
  private boolean finished;

  private SessionThread(String name, Supplier<W> maker) {
    thread = new Thread(() -> run(maker), name);
    thread.setDaemon(true);
  }

  /**
   * Starts a thread.
   *
   * @param maker makes what it works on, on the thread; what it throws comes out here
   */
  static <W extends Work> SessionThread<W> start(String name, Supplier<W> maker) {
    SessionThread<W> started = new SessionThread<>(name, maker);
    started.thread.start();
    started.join(started.ready);
    return started;
  }

  private void run(Supplier<W> maker) {
    tid.complete((int) Sys.call(Sys.GETTID, 0, 0));
    W work;
    try {
      work = maker.get();
    } catch (RuntimeException | Error failure) {
      ready.completeExceptionally(failure);
      return;
    }
    ready.complete(work);
    while (!finished) {
      Runnable request = requests.poll();
      if (request != null) {
        request.run();
      } else if (work.isWaiting()) {
        working = true;
        if (requests.isEmpty()) {
          work.once();
        }
        working = false;
      } else {
        awaitRequest();
      }
    }
  }

  private void awaitRequest() {
    try {
      requests.take().run();
    } catch (InterruptedException ignored) {
      // Nobody has a reason to interrupt this thread: it ends by request only, so it goes on.
    }
  }

  /** Whether the calling thread is this one. */
  boolean isCurrent() {
    return Thread.currentThread() == thread;
  }

  /** Has something done and waits for it; what it throws comes out here. */
  <T> T ask(Function<W, T> request) {
    if (isCurrent()) {
      throw new SessionStateException(
          new Explanation(
              "call back into the session",
              "its thread is busy with the sink or listener that calls",
              "let another thread make the call"));
    }
    CompletableFuture<T> answer = new CompletableFuture<>();
    synchronized (requests) {
      if (ended) {
        throw new IllegalStateException("the session's thread has ended");
      }
      requests.add(
          () -> {
            try {
              answer.complete(request.apply(ready.join()));
            } catch (RuntimeException | Error failure) {
              answer.completeExceptionally(failure);
            }
          });
    }
    return join(answer);
  }

  /** Has something done and waits for it. */
  void tell(Consumer<W> request) {
    ask(
        work -> {
          request.accept(work);
          return Boolean.TRUE;
        });
  }

  private <T> T join(CompletableFuture<T> answer) {
    boolean interrupted = false;
    try {
      for (long patience = FIRST_WAKE_MICROS;
          ;
          patience = Math.min(2 * patience, LAST_WAKE_MICROS)) {
        if (working) {
          // The signal may come just before the wait begins and be lost, so it is repeated.
          wakeUp.send(tid.join());
        }
        try {
          return answer.get(patience, TimeUnit.MICROSECONDS);
        } catch (TimeoutException notYet) {
          // Once more, with more patience.
        } catch (InterruptedException again) {
          interrupted = true;
        } catch (ExecutionException failed) {
          throw unwrapped(failed);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static RuntimeException unwrapped(ExecutionException failed) {
    Throwable cause = failed.getCause();
    if (cause instanceof Error error) {
      throw error;
    }
    if (cause instanceof BtsException failure) {
      // The same failure, but the caller's stack is what its reader needs.
      failure.addSuppressed(new Throwable("asked for here"));
      return failure;
    }
    return cause instanceof RuntimeException runtime ? runtime : new IllegalStateException(cause);
  }

  /** Ends the thread when it has done what was asked so far. */
  void end() {
    synchronized (requests) {
      requests.add(() -> finished = true);
      ended = true;
    }
  }
}
