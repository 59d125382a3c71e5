package dev.bts.sim;

import dev.bts.api.Explanation;
import dev.bts.api.SessionStateException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The platform thread of a session: carries out calls one after another, and in between does the
 * session's own work.
 *
 * <p>After {@link #stop} calls are carried out on the caller's thread, still one after another.
 */
final class SessionThread {
  /** How much there is to do. */
  enum Pace {
    /** Nothing until the next call. */
    IDLE,
    /** Nothing now, but the machine may be moved by others. */
    WAITING,
    /** More. */
    BUSY
  }

  /** How often a session that waits for others looks again. */
  private static final long WAITING_MILLIS = 1;

  private final BlockingQueue<FutureTask<?>> calls = new LinkedBlockingQueue<>();
  private final Object lock = new Object();
  private final Thread thread;
  private final Supplier<Pace> work;
  private boolean stopped;

  /**
   * Creates the thread, not yet started.
   *
   * @param work does a bounded piece of work; must not throw
   */
  SessionThread(String name, Supplier<Pace> work) {
    this.work = work;
    thread = new Thread(this::loop, name);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /**
   * Carries out a call and returns its result, or throws what it threw.
   *
   * @throws SessionStateException if it comes from the session's own thread
   */
  <T> T call(Supplier<T> call) {
    FutureTask<T> task = new FutureTask<>(call::get);
    execute(task);
    return result(task);
  }

  /** Carries out a call that returns nothing; see {@link #call}. */
  void run(Runnable call) {
    FutureTask<@Nullable Void> task = new FutureTask<>(call, null);
    execute(task);
    result(task);
  }

  /** Ends the thread after the calls that were made before; idempotent. */
  void stop() {
    synchronized (lock) {
      stopped = true;
      calls.add(new FutureTask<>(() -> null));
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void execute(FutureTask<?> task) {
    if (Thread.currentThread() == thread) {
      throw new SessionStateException(
          new Explanation(
              "call a session from its sink or listener",
              "these run on the session's own thread, which waits for them",
              "note what is to be done and do it on another thread"));
    }
    synchronized (lock) {
      if (stopped) {
        task.run();
      } else {
        calls.add(task);
      }
    }
  }

  private void loop() {
    Pace pace = Pace.IDLE;
    while (true) {
      FutureTask<?> call = next(pace);
      if (call != null) {
        call.run();
        pace = Pace.BUSY;
        continue;
      }
      synchronized (lock) {
        if (stopped && calls.isEmpty()) {
          return;
        }
      }
      pace = work.get();
    }
  }

  private @Nullable FutureTask<?> next(Pace pace) {
    try {
      return switch (pace) {
        case BUSY -> calls.poll();
        case WAITING -> calls.poll(WAITING_MILLIS, TimeUnit.MILLISECONDS);
        case IDLE -> calls.take();
      };
    } catch (InterruptedException e) {
      // Nobody has a reason to interrupt this thread: it ends by stop() only.
      return null;
    }
  }

  private static <T extends @Nullable Object> T result(FutureTask<T> task) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw rethrow(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Throws what a supplier, which declares nothing, can have thrown. */
  static RuntimeException rethrow(@Nullable Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    if (thrown instanceof RuntimeException exception) {
      throw exception;
    }
    throw new IllegalStateException(thrown);
  }
}
