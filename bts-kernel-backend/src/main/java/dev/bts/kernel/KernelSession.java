package dev.bts.kernel;

import dev.bts.api.BtsConfig;
import dev.bts.api.ExitStatus;
import dev.bts.api.Explanation;
import dev.bts.api.Mechanism;
import dev.bts.api.SessionStateException;
import dev.bts.api.SessionStatus;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Ledger;
import dev.bts.api.charging.Receipt;
import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.TraceSink;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A session on the real kernel, for all threads: hands every call to the session's own thread. */
final class KernelSession implements TraceSession {
  /** What is left to be known once the thread has ended. */
  private record Closed(SessionStatus status, List<Receipt> receipts) {}

  private final Mechanism mechanism;
  private final SessionThread<SessionCore> thread;
  private final CompletableFuture<ExitStatus> end;
  private final AtomicBoolean closing = new AtomicBoolean();
  private volatile @Nullable Closed closed;

  /** Set once the target is under control. */
  private int pid;

  private KernelSession(
      Mechanism mechanism, SessionThread<SessionCore> thread, CompletableFuture<ExitStatus> end) {
    this.mechanism = mechanism;
    this.thread = thread;
    this.end = end;
  }

  /** Brings the target under control and gives it a buffer. */
  static KernelSession open(
      TraceRequest request, Mechanism mechanism, ChargingPolicy policy, Ledger ledger) {
    CompletableFuture<ExitStatus> end = new CompletableFuture<>();
    SessionThread<SessionCore> thread =
        SessionThread.start(
            "bts-session", () -> new SessionCore(request, mechanism, policy, ledger, end));
    KernelSession session = new KernelSession(mechanism, thread, end);
    try {
      session.pid =
          thread.ask(
              core -> {
                core.takeTarget();
                return core.pid();
              });
    } catch (RuntimeException | Error failed) {
      session.closeAfter(failed);
      throw failed;
    }
    return session;
  }

  private void closeAfter(Throwable failed) {
    try {
      close();
    } catch (RuntimeException second) {
      failed.addSuppressed(second);
    }
  }

  private <T> T ask(String asked, Function<SessionCore, T> question) {
    if (closing.get()) {
      throw new SessionStateException(
          new Explanation(asked, "the session is closed", "open another session"));
    }
    return thread.ask(question);
  }

  private void tell(String asked, Consumer<SessionCore> order) {
    ask(
        asked,
        core -> {
          order.accept(core);
          return Boolean.TRUE;
        });
  }

  @Override
  public Mechanism mechanism() {
    return mechanism;
  }

  @Override
  public int pid() {
    return pid;
  }

  @Override
  public void start() {
    tell("start", SessionCore::start);
  }

  @Override
  public void pause() {
    tell("pause", SessionCore::pause);
  }

  @Override
  public void configure(BtsConfig config) {
    tell("configure", core -> core.configure(config));
  }

  @Override
  public SessionStatus status() {
    Closed last = closed;
    return last != null ? last.status() : thread.ask(SessionCore::status);
  }

  @Override
  public long size() {
    return ask("read the buffer", SessionCore::size);
  }

  @Override
  public BranchRecord get(long index) {
    return ask("read the buffer", core -> core.get(index));
  }

  @Override
  public void clear() {
    tell("clear the buffer", SessionCore::clear);
  }

  @Override
  public long drain(TraceSink to) {
    return ask("drain the buffer", core -> core.drain(to));
  }

  @Override
  public void onOverflow(OverflowListener told) {
    tell("set the overflow listener", core -> core.setListener(told));
  }

  @Override
  public ExitStatus await() throws InterruptedException {
    if (!end.isDone() && !ask("wait for the end of the tracee", SessionCore::isStarted)) {
      throw new SessionStateException(
          new Explanation(
              "wait for the end of the tracee", "the session was not started", "call start first"));
    }
    try {
      return end.get();
    } catch (ExecutionException failed) {
      if (!closing.get()) {
        thread.tell(SessionCore::failureIsReported);
      }
      Throwable cause = failed.getCause();
      if (cause instanceof Error error) {
        throw error;
      }
      if (cause instanceof RuntimeException runtime) {
        throw runtime;
      }
      throw new IllegalStateException(cause);
    }
  }

  @Override
  public void detach() {
    if (!closing.get()) {
      thread.tell(SessionCore::detach);
    }
  }

  @Override
  public List<Receipt> receipts() {
    Closed last = closed;
    return last != null ? last.receipts() : thread.ask(SessionCore::receipts);
  }

  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    try {
      thread.tell(SessionCore::detach);
    } finally {
      closed = thread.ask(core -> new Closed(core.status(), core.receipts()));
      thread.tell(SessionCore::close);
      thread.end();
    }
  }
}
