package dev.bts.kernel.ptrace;

import dev.bts.kernel.sys.Sys;
import dev.bts.kernel.sys.WakeUp;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** What other threads have the tracer thread do between two stops of its tracees. */
final class Errands {
  private static final long FIRST_WAKE_MICROS = 50;
  private static final long LAST_WAKE_MICROS = 50_000;

  private record Errand(Runnable action, CountDownLatch done) {}

  private final Queue<Errand> queue = new ConcurrentLinkedQueue<>();
  private final WakeUp wakeUp = WakeUp.get();
  private final int tracerTid = (int) Sys.call(Sys.GETTID, 0, 0);
  private volatile boolean tracerWaits;

  /**
   * Has something done, and waits until it is. Called by any thread but the tracer's.
   *
   * @param unwanted says that nobody need wait for it any longer
   */
  void ask(Runnable action, BooleanSupplier unwanted) throws InterruptedException {
    Errand errand = new Errand(action, new CountDownLatch(1));
    queue.add(errand);
    long patience = FIRST_WAKE_MICROS;
    do {
      if (tracerWaits) {
        // The signal may come just before the wait begins and be lost, so it is repeated.
        wakeUp.send(tracerTid);
      }
      if (errand.done().await(patience, TimeUnit.MICROSECONDS)) {
        return;
      }
      patience = Math.min(2 * patience, LAST_WAKE_MICROS);
    } while (!unwanted.getAsBoolean());
  }

  /** Does what was asked for; called by the tracer thread. */
  void run() {
    Errand next;
    while ((next = queue.poll()) != null) {
      try {
        next.action().run();
      } finally {
        next.done().countDown();
      }
    }
  }

  /** The tracer thread is going to wait; returns false if it must not, because it was asked. */
  boolean beginWait() {
    tracerWaits = true;
    return queue.isEmpty();
  }

  /** The tracer thread has waited. */
  void endWait() {
    tracerWaits = false;
  }
}
