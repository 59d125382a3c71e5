package dev.bts.kernel;

import dev.bts.api.ExitStatus;
import dev.bts.api.record.BranchRun;
import dev.bts.kernel.ptrace.MemoryArea;
import dev.bts.kernel.ptrace.Observer;
import dev.bts.kernel.ptrace.Task;
import dev.bts.kernel.ptrace.Tracee;

/** Nobody looks on: for a process that is only visited. */
final class Unobserved implements Observer {
  @Override
  public void branched(Task task, long from, long to) {}

  @Override
  public void branched(Task task, BranchRun branches) {}

  @Override
  public void processStarted(Task task) {}

  @Override
  public void threadStarted(Task task, int parentTid) {}

  @Override
  public void executed(Task task) {}

  @Override
  public void mapped(Task task, MemoryArea area) {}

  @Override
  public void signalled(Task task, int signal) {}

  @Override
  public void arrived(Task task) {}

  @Override
  public void departed(Task task) {}

  @Override
  public void threadExited(Task task) {}

  @Override
  public void leaving(Tracee tracee) {}

  @Override
  public void untranslatable(Task task, String reason) {}

  @Override
  public void untraceable(Tracee tracee, String reason) {}

  @Override
  public void losingAddressSpace(Tracee tracee) {}

  @Override
  public void addressSpaceGone(Tracee tracee) {}

  @Override
  public void processExited(Tracee tracee, ExitStatus status) {}
}
