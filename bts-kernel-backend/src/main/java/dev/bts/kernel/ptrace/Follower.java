package dev.bts.kernel.ptrace;

import dev.bts.api.Mechanism;
import dev.bts.kernel.sys.Ptrace;

/** The mechanism {@code NONE}: tasks run natively and are followed. */
final class Follower implements Engine {
  private final Rescue rescue;
  private final Observer observer;

  Follower(Rescue rescue, Observer observer) {
    this.rescue = rescue;
    this.observer = observer;
  }

  @Override
  public Mechanism mechanism() {
    return Mechanism.NONE;
  }

  @Override
  public void prepare(Task task) {
    // Nothing of ours is needed in a process that is only followed.
  }

  @Override
  public void resume(Task task) {
    int signal = task.pendingSignal;
    task.pendingSignal = 0;
    if (signal != 0) {
      observer.signalled(task, signal);
    }
    if (!task.onCpu) {
      task.onCpu = true;
      observer.arrived(task);
    }
    task.setState(Task.State.RUNNING);
    Stops.resume(Ptrace.CONT, task.tid(), signal);
  }

  @Override
  public boolean signalled(Task task, int signal) {
    return false;
  }

  @Override
  public void settle(Task task) {
    // A task that is only followed is where the program is.
  }

  @Override
  public void collect(Task task) {
    // Nothing is recorded.
  }

  @Override
  public void systemCallStopped(Task task) {
    task.setState(Task.State.STANDING);
  }

  @Override
  public void stopped(Task task) {
    // A task that is only followed may stand anywhere.
  }

  @Override
  public int inCallRequest() {
    return Ptrace.CONT;
  }

  @Override
  public void halt(Task task) {
    task.interrupt();
  }

  @Override
  public void withdraw(Task task) {
    if (task.tracee().memory().cave() != 0) {
      // Calls of ours used it, and it goes next: nothing may lead there any more.
      rescue.withdrawInherited(task);
    }
  }

  @Override
  public void release(Task task) {
    // Nothing was done to the thread.
  }

  @Override
  public void close() {
    // Holds nothing.
  }
}
