package dev.bts.kernel;

import dev.bts.accounting.buffers.BufferAssignment;
import dev.bts.api.BtsConfig;
import dev.bts.api.BtsException;
import dev.bts.api.BufferSpec;
import dev.bts.api.ConfigFlag;
import dev.bts.api.ExitStatus;
import dev.bts.api.Explanation;
import dev.bts.api.Fidelity;
import dev.bts.api.Mechanism;
import dev.bts.api.SessionStateException;
import dev.bts.api.SessionStatus;
import dev.bts.api.Target;
import dev.bts.api.TargetException;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession.OverflowListener;
import dev.bts.api.TraceSession.State;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Ledger;
import dev.bts.api.charging.Receipt;
import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.StreamLog;
import dev.bts.api.record.TraceSink;
import dev.bts.kernel.helper.CommandLauncher;
import dev.bts.kernel.helper.HelperProcess;
import dev.bts.kernel.helper.PreparedExec;
import dev.bts.kernel.ptrace.TraceLoop;
import dev.bts.kernel.ptrace.Tracee;
import dev.bts.kernel.ptrace.TraceeCalls;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a session does on its own thread: a {@link TraceLoop} with buffers, and the state that
 * {@link KernelSession} shows to others.
 */
final class SessionCore implements SessionThread.Work {
  private final TraceRequest request;
  private final Mechanism mechanism;
  private final CompletableFuture<ExitStatus> end;
  private final TraceLoop loop;
  private final SessionEvents events;
  private final StreamLog log = new StreamLog(System::nanoTime);
  private final BufferAssignment<Tracee> buffers;
  private final TranslationPages translations;
  private final Delivery delivery;
  private Set<ConfigFlag> flags = EnumSet.of(ConfigFlag.TRACE);
  private State state = State.ATTACHED;
  private boolean started;
  private int pid;
  private @Nullable Throwable failure;
  private boolean failureReported;
  private @Nullable OverflowListener listener;

  /** Makes the calling thread the session's. */
  SessionCore(
      TraceRequest request,
      Mechanism mechanism,
      ChargingPolicy policy,
      Ledger ledger,
      CompletableFuture<ExitStatus> end) {
    this.request = request;
    this.mechanism = mechanism;
    this.end = end;
    this.delivery = new Delivery(request, log);
    KernelPages pages = new KernelPages(request, policy, ledger, log, this::callsOf);
    this.buffers = new BufferAssignment<>(pages, policy, request, log, System::nanoTime);
    this.translations = new TranslationPages(pages, log);
    this.events =
        new SessionEvents(
            log,
            buffers,
            pages,
            translations,
            this::thresholdReached,
            delivery::byItself,
            this::directSink,
            this::letGo);
    this.loop =
        new TraceLoop(
            mechanism, events, translations, request.followChildren(), request.killOnExit());
  }

  private TraceeCalls callsOf(Tracee tracee) {
    return loop.callsOf(tracee);
  }

  private void letGo(Tracee tracee) {
    loop.letGo(tracee);
  }

  /** Brings the target under control and gives it a buffer. */
  void takeTarget() {
    if (request.recordScheduling()) {
      flags.add(ConfigFlag.SCHED);
      events.setScheduling(true);
    }
    if (request.target() instanceof Target.Command command) {
      launch(command);
    } else if (request.target() instanceof Target.Running running) {
      pid = running.pid();
      loop.attach(pid);
      openBuffer();
    }
  }

  private void launch(Target.Command command) {
    try (HelperProcess helper = HelperProcess.start()) {
      PreparedExec exec = CommandLauncher.prepare(helper, command);
      SetUserId.refuse(exec.program());
      pid = helper.pid();
      try {
        if (loop.launch(pid, exec::go).isEmpty()) {
          throw new TargetException(
              new Explanation(
                  "start '" + command.arguments().get(0) + "'",
                  "the new process was killed before its first instruction",
                  "see the kernel log for the reason"));
        }
        openBuffer();
      } catch (RuntimeException | Error failed) {
        // It has not executed an instruction, and nobody else knows of it.
        loop.killAll();
        throw failed;
      }
    }
  }

  private void openBuffer() {
    buffers.allocate(mechanism == Mechanism.NONE ? 0 : request.buffer().sizeBytes());
  }

  private @Nullable TraceSink directSink() {
    return delivery.direct(flags.contains(ConfigFlag.SIGNAL) && listener != null);
  }

  @Override
  public boolean isWaiting() {
    return state == State.TRACING;
  }

  @Override
  public void once() {
    try {
      requirePayers();
      loop.handleNext(true);
      requirePayers();
      if (log.isFullOfEvents()) {
        delivery.byItself();
      }
    } catch (RuntimeException | Error failed) {
      fail(failed);
      return;
    }
    if (loop.taskCount() == 0) {
      finish();
    }
  }

  private void requirePayers() {
    BtsException refused = buffers.failure();
    if (refused != null) {
      throw refused;
    }
  }

  /** No tracee is left. */
  private void finish() {
    state = State.DETACHED;
    try {
      releaseBuffers();
    } catch (RuntimeException | Error failed) {
      if (failure == null) {
        failure = failed;
      } else {
        failure.addSuppressed(failed);
      }
    }
    ExitStatus status = events.exitOf(pid);
    if (status == null && request.target() instanceof Target.Command && pid != 0) {
      ChildReaper.adopt(pid);
    }
    if (failure != null) {
      end.completeExceptionally(failure);
    } else if (status != null) {
      end.complete(status);
    } else {
      end.completeExceptionally(detachedBeforeEnd());
    }
  }

  private void releaseBuffers() {
    try {
      // What is handed over need not be moved to the heap.
      delivery.now();
    } finally {
      buffers.releaseAll();
    }
    delivery.now();
  }

  /** Ends the session because of a failure: the tracees go on without us. */
  private void fail(Throwable failed) {
    failure = failed;
    delivery.end();
    try {
      loop.detachAll();
    } catch (RuntimeException | Error second) {
      failed.addSuppressed(second);
    }
    finish();
  }

  private void thresholdReached() {
    buffers.verifyIfDue();
    if (flags.contains(ConfigFlag.SIGNAL) && listener != null) {
      listener.overflowed(log.size());
    }
    delivery.byItself();
  }

  private static SessionStateException detachedBeforeEnd() {
    return new SessionStateException(
        new Explanation(
            "wait for the end of the tracee",
            "the session was detached before",
            "wait before you detach; a detached process ends on its own"));
  }

  private void requireAttached(String asked) {
    if (state == State.DETACHED) {
      throw new SessionStateException(
          new Explanation(
              asked,
              "the session is " + state.name().toLowerCase(Locale.ROOT),
              "open another session"));
    }
  }

  int pid() {
    return pid;
  }

  boolean isStarted() {
    return started;
  }

  void start() {
    requireAttached("start");
    started = true;
    state = State.TRACING;
    loop.setRunning(true);
  }

  void pause() {
    requireAttached("pause");
    if (state == State.TRACING) {
      halt();
      state = loop.taskCount() == 0 ? state : State.PAUSED;
    }
  }

  private void halt() {
    loop.setRunning(false);
    while (!loop.halted()) {
      loop.handleNext(true);
    }
    loop.departAll();
  }

  void configure(BtsConfig config) {
    requireAttached("configure");
    BufferSpec wanted = new BufferSpec(config.sizeBytes(), request.buffer().overflow());
    boolean tracing = state == State.TRACING;
    if (config.flags().contains(ConfigFlag.ALLOC)) {
      halt();
      try {
        buffers.resize(BufferSpec.pages(wanted.sizeBytes()));
      } finally {
        loop.setRunning(tracing);
      }
    }
    flags = EnumSet.noneOf(ConfigFlag.class);
    flags.addAll(config.flags());
    flags.remove(ConfigFlag.ALLOC);
    events.setRecording(flags.contains(ConfigFlag.TRACE));
    events.setScheduling(flags.contains(ConfigFlag.SCHED));
  }

  SessionStatus status() {
    long lost = log.lost();
    return new SessionStatus(
        state,
        new BtsConfig(buffers.bufferBytes(), flags),
        fidelity(lost),
        log.appended(),
        lost,
        events.threads(),
        loop.taskCount(),
        buffers.chargedPages() + translations.chargedPages(),
        buffers.peakPages() + translations.peakPages());
  }

  private Fidelity fidelity(long lost) {
    if (mechanism == Mechanism.NONE) {
      return Fidelity.NOTHING;
    }
    return lost > 0 ? Fidelity.WINDOWED : mechanism.fidelity();
  }

  List<Receipt> receipts() {
    return Stream.concat(buffers.receipts().stream(), translations.receipts().stream())
        .sorted(Comparator.comparingLong(Receipt::id))
        .toList();
  }

  long size() {
    return log.size();
  }

  BranchRecord get(long newestFirst) {
    return log.get(newestFirst);
  }

  void clear() {
    log.clear();
  }

  long drain(TraceSink to) {
    try {
      return log.drainTo(to);
    } catch (RuntimeException | Error failed) {
      if (state != State.DETACHED) {
        fail(failed);
      }
      failureReported = true;
      throw failed;
    }
  }

  void setListener(OverflowListener told) {
    listener = told;
  }

  /** Notes that what ended the session was told to somebody. */
  void failureIsReported() {
    failureReported = true;
  }

  /** Lets all tracees go; throws what ended the session before, unless somebody was told. */
  void detach() {
    if (state != State.DETACHED) {
      detachAll();
    }
    Throwable unreported = failureReported ? null : failure;
    failureReported = true;
    if (unreported instanceof RuntimeException runtime) {
      throw runtime;
    }
    if (unreported instanceof Error error) {
      throw error;
    }
  }

  private void detachAll() {
    try {
      loop.detachAll();
    } catch (RuntimeException | Error failed) {
      fail(failed);
      return;
    }
    finish();
  }

  /** Frees what the loop holds, once no tracee is left. */
  void close() {
    loop.close();
  }
}
