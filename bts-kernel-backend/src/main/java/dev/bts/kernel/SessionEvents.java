package dev.bts.kernel;

import dev.bts.api.ExitStatus;
import dev.bts.api.record.RecordStream;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;
import dev.bts.kernel.ptrace.MemoryArea;
import dev.bts.kernel.ptrace.Observer;
import dev.bts.kernel.ptrace.Task;
import dev.bts.kernel.ptrace.Tracee;
import dev.bts.kernel.sys.ProcFile;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Turns what the trace loop sees into side events in the right stream, and tells the buffers when
 * processes and address spaces come and go.
 */
final class SessionEvents implements Observer {
  private final SessionBuffers buffers;
  private final @Nullable TraceSink drainTo;
  private final Consumer<RecordStream> threshold;
  private final Consumer<Tracee> letGo;
  private final BuildIds buildIds = new BuildIds();
  private final Map<Integer, ExitStatus> exits = new HashMap<>();
  private boolean scheduling;
  private int threads;

  /**
   * Connects the parts of a session.
   *
   * @param drainTo where records go by themselves, null where they stay until asked for
   * @param threshold told of a stream that has reached its interrupt threshold
   * @param letGo lets a process run on untraced
   */
  SessionEvents(
      SessionBuffers buffers,
      @Nullable TraceSink drainTo,
      Consumer<RecordStream> threshold,
      Consumer<Tracee> letGo) {
    this.buffers = buffers;
    this.drainTo = drainTo;
    this.threshold = threshold;
    this.letGo = letGo;
  }

  /** Switches arrivals and departures on or off (PTRACE_BTS_O_SCHED). */
  void setScheduling(boolean on) {
    scheduling = on;
  }

  /** Returns how many threads were ever traced. */
  int threads() {
    return threads;
  }

  /** Returns how a process ended, null if it did not end while it was traced. */
  @Nullable ExitStatus exitOf(int pid) {
    return exits.get(pid);
  }

  @Override
  public void processStarted(Task task) {
    threads++;
    Tracee tracee = task.tracee();
    assign(
        tracee,
        new SideEvent.ProcessStarted(
            task.tid(), now(), tracee.pid(), tracee.parentPid(), command(tracee.pid())));
  }

  private void assign(Tracee tracee, SideEvent arrival) {
    if (!buffers.assign(tracee, arrival)) {
      untraceable(tracee, "its buffer was refused");
      letGo.accept(tracee);
    }
  }

  private static String command(int pid) {
    return ProcFile.statusField(pid, "Name").orElse("");
  }

  @Override
  public void threadStarted(Task task, int parentTid) {
    threads++;
    buffers.event(
        task.tracee(),
        new SideEvent.ThreadStarted(task.tid(), now(), task.tracee().pid(), parentTid));
  }

  @Override
  public void executed(Task task) {
    Tracee tracee = task.tracee();
    assign(
        tracee,
        new SideEvent.Exec(task.tid(), now(), tracee.pid(), ProcFile.link(tracee.pid(), "exe")));
  }

  @Override
  public void mapped(Task task, MemoryArea area) {
    Tracee tracee = task.tracee();
    buffers.event(
        tracee,
        new SideEvent.Mapped(
            task.tid(),
            now(),
            tracee.pid(),
            area.start(),
            area.end(),
            area.fileOffset(),
            area.path(),
            buildIds.of(tracee.pid(), area)));
  }

  @Override
  public void signalled(Task task, int signal) {
    buffers.event(task.tracee(), new SideEvent.Signalled(task.tid(), now(), signal));
  }

  @Override
  public void arrived(Task task) {
    if (scheduling) {
      buffers.event(
          task.tracee(), new SideEvent.Arrived(task.tid(), now(), ProcFile.processor(task.tid())));
    }
  }

  @Override
  public void departed(Task task) {
    if (scheduling) {
      buffers.event(
          task.tracee(), new SideEvent.Departed(task.tid(), now(), ProcFile.processor(task.tid())));
    }
  }

  @Override
  public void threadExited(Task task) {
    buffers.event(
        task.tracee(), new SideEvent.ThreadExited(task.tid(), now(), task.tracee().pid()));
  }

  @Override
  public void leaving(Tracee tracee) {
    buffers.payerLeaves(tracee, false, drainTo);
  }

  @Override
  public void untraceable(Tracee tracee, String reason) {
    buffers.event(
        tracee,
        new SideEvent.Lost(
            tracee.pid(),
            now(),
            0,
            "process " + tracee.pid() + " runs on untraced from here: " + reason));
  }

  @Override
  public void addressSpaceGone(Tracee tracee) {
    buffers.payerLeaves(tracee, true, drainTo);
  }

  @Override
  public void processExited(Tracee tracee, ExitStatus status) {
    exits.put(tracee.pid(), status);
    buffers.event(
        tracee,
        new SideEvent.ProcessExited(
            tracee.pid(), now(), tracee.pid(), status.code(), status.signal()));
  }

  @Override
  public void thresholdReached(RecordStream stream) {
    threshold.accept(stream);
  }

  private static long now() {
    return System.nanoTime();
  }
}
