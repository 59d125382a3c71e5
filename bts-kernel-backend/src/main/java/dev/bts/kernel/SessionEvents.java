package dev.bts.kernel;

import dev.bts.accounting.buffers.BufferAssignment;
import dev.bts.api.ExitStatus;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.record.BranchRun;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.StreamLog;
import dev.bts.api.record.TraceSink;
import dev.bts.kernel.ptrace.MemoryArea;
import dev.bts.kernel.ptrace.Observer;
import dev.bts.kernel.ptrace.Task;
import dev.bts.kernel.ptrace.Tracee;
import dev.bts.kernel.sys.ProcFile;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Turns what the trace loop sees into the session's stream, and tells the buffers when processes
 * and address spaces come and go.
 */
final class SessionEvents implements Observer {
  private final StreamLog log;
  private final BufferAssignment<Tracee> buffers;
  private final KernelPages pages;
  private final TranslationPages translations;
  private final Runnable threshold;
  private final Runnable drain;
  private final Supplier<@Nullable TraceSink> direct;
  private final Consumer<Tracee> letGo;
  private final BuildIds buildIds = new BuildIds();
  private final Map<Integer, ExitStatus> exits = new HashMap<>();
  private boolean recording = true;
  private boolean scheduling;
  private int threads;

  /**
   * Connects the parts of a session.
   *
   * @param threshold told when a buffer has reached its interrupt threshold
   * @param drain hands over what is recorded, if the session drains by itself
   * @param direct tells the sink that may have branches without their lying in a buffer, if any
   * @param letGo lets a process run on untraced
   */
  SessionEvents(
      StreamLog log,
      BufferAssignment<Tracee> buffers,
      KernelPages pages,
      TranslationPages translations,
      Runnable threshold,
      Runnable drain,
      Supplier<@Nullable TraceSink> direct,
      Consumer<Tracee> letGo) {
    this.log = log;
    this.buffers = buffers;
    this.pages = pages;
    this.translations = translations;
    this.threshold = threshold;
    this.drain = drain;
    this.direct = direct;
    this.letGo = letGo;
  }

  /** Switches the recording of branches on or off (PTRACE_BTS_O_TRACE). */
  void setRecording(boolean on) {
    recording = on;
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
  public void branched(Task task, long from, long to) {
    if (recording && buffers.branched(task.tracee(), from, to, 0, task.tid())) {
      threshold.run();
    }
  }

  @Override
  public void branched(Task task, BranchRun branches) {
    if (recording) {
      buffers.branched(task.tracee(), branches, task.tid(), direct.get(), threshold);
      buffers.verifyIfDue();
    }
  }

  @Override
  public void processStarted(Task task) {
    threads++;
    Tracee tracee = task.tracee();
    log.event(
        new SideEvent.ProcessStarted(
            task.tid(), now(), tracee.pid(), tracee.parentPid(), command(tracee.pid())));
    assign(tracee);
  }

  private void assign(Tracee tracee) {
    buffers.add(tracee);
    buffers.assign(tracee, null);
    if (buffers.leavesAlone(tracee)) {
      letGo.accept(tracee);
    }
  }

  private static String command(int pid) {
    return ProcFile.statusField(pid, "Name").orElse("");
  }

  @Override
  public void threadStarted(Task task, int parentTid) {
    threads++;
    log.event(new SideEvent.ThreadStarted(task.tid(), now(), task.tracee().pid(), parentTid));
  }

  @Override
  public void executed(Task task) {
    Tracee tracee = task.tracee();
    log.event(
        new SideEvent.Exec(task.tid(), now(), tracee.pid(), ProcFile.link(tracee.pid(), "exe")));
    assign(tracee);
  }

  @Override
  public void mapped(Task task, MemoryArea area) {
    Tracee tracee = task.tracee();
    log.event(
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
    log.event(new SideEvent.Signalled(task.tid(), now(), signal));
  }

  @Override
  public void arrived(Task task) {
    buffers.assignIfBereft(task.tracee());
    if (scheduling) {
      log.event(new SideEvent.Arrived(task.tid(), now(), ProcFile.processor(task.tid())));
    }
  }

  @Override
  public void departed(Task task) {
    if (scheduling) {
      log.event(new SideEvent.Departed(task.tid(), now(), ProcFile.processor(task.tid())));
    }
  }

  @Override
  public void threadExited(Task task) {
    log.event(new SideEvent.ThreadExited(task.tid(), now(), task.tracee().pid()));
  }

  @Override
  public void leaving(Tracee tracee) {
    leave(tracee, false);
  }

  @Override
  public void untranslatable(Task task, String reason) {
    log.note(task.tid(), "thread " + task.tid() + " is single-stepped from here: " + reason);
  }

  @Override
  public void untraceable(Tracee tracee, String reason) {
    log.note(tracee.pid(), "process " + tracee.pid() + " runs on untraced from here: " + reason);
  }

  @Override
  public void losingAddressSpace(Tracee tracee) {
    AccountOwner.AddressSpace payer = pages.ownMemory(tracee);
    if (payer != null) {
      buffers.verify(payer);
    }
  }

  @Override
  public void addressSpaceGone(Tracee tracee) {
    leave(tracee, true);
  }

  /**
   * Ends what a process pays for. The pages are given back in any case: a sink that fails must not
   * leave them with a process that is let go.
   */
  private void leave(Tracee tracee, boolean gone) {
    buffers.remove(tracee);
    AccountOwner.AddressSpace payer = pages.ownMemory(tracee);
    if (gone) {
      pages.forget(tracee);
    }
    try {
      if (payer != null && buffers.isPaying(payer)) {
        drain.run();
      }
    } finally {
      try {
        if (payer != null) {
          buffers.payerLeaves(payer);
        }
      } finally {
        try {
          translations.release(tracee);
        } finally {
          pages.forget(tracee);
        }
      }
    }
  }

  @Override
  public void processExited(Tracee tracee, ExitStatus status) {
    exits.put(tracee.pid(), status);
    log.event(
        new SideEvent.ProcessExited(
            tracee.pid(), now(), tracee.pid(), status.code(), status.signal()));
  }

  private static long now() {
    return System.nanoTime();
  }
}
