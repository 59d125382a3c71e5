package dev.bts.sim.kernel;

import dev.bts.api.charging.TaskIdentity;
import dev.bts.sim.program.Program;
import org.jspecify.annotations.Nullable;

/** A thread ({@code struct task_struct}). Changed by its {@link Machine} only. */
public final class Task {
  /** What a task is doing. */
  enum State {
    RUNNING,
    /** Waits for its process's other threads and children. */
    JOINING,
    EXITED
  }

  private final int tid;
  private final TaskGroup group;
  private int cpu;
  private FileTable files = new FileTable();
  private AddressSpace mm;
  private Credentials credentials;
  private @Nullable Program program;
  private @Nullable TaskObserver observer;
  private @Nullable Task tracer;
  private @Nullable DebugStore debugStore;
  private State state = State.RUNNING;

  Task(
      int tid,
      TaskGroup group,
      int cpu,
      AddressSpace mm,
      Credentials credentials,
      @Nullable Program program) {
    this.tid = tid;
    this.group = group;
    this.cpu = cpu;
    this.mm = mm;
    this.credentials = credentials;
    this.program = program;
    mm.enter();
  }

  /** Returns the thread id. */
  public int tid() {
    return tid;
  }

  /** Returns the process. */
  public TaskGroup group() {
    return group;
  }

  /** Returns the CPU it runs on, as long as that is online. */
  public int cpu() {
    return cpu;
  }

  void cpu(int next) {
    cpu = next;
  }

  /** Returns the address space. */
  public AddressSpace mm() {
    return mm;
  }

  /** Returns user and capabilities. */
  public Credentials credentials() {
    return credentials;
  }

  /** Returns its descriptors. */
  FileTable files() {
    return files;
  }

  /** Takes descriptors in the place of the empty table that it was made with. */
  void files(FileTable next) {
    files = next;
  }

  /** Returns what it executes, null for a task that only makes system calls from outside. */
  public @Nullable Program program() {
    return program;
  }

  /** Returns who traces it, null if nobody does. */
  public @Nullable TaskObserver observer() {
    return observer;
  }

  /** Returns whether it has ended. */
  public boolean isGone() {
    return state == State.EXITED;
  }

  /** Returns the task as accounting sees it. */
  public TaskIdentity identity() {
    return new TaskIdentity(mm.identity(), credentials.principal(), group.memoryGroup());
  }

  /** Returns who traced it last, null if nobody ever did. */
  @Nullable Task tracer() {
    return tracer;
  }

  void tracer(@Nullable Task next) {
    tracer = next;
  }

  /** Returns where its branches are recorded by the processor, null if they are not. */
  @Nullable DebugStore debugStore() {
    return debugStore;
  }

  void debugStore(@Nullable DebugStore next) {
    debugStore = next;
  }

  State state() {
    return state;
  }

  void state(State next) {
    state = next;
  }

  void observer(@Nullable TaskObserver next) {
    observer = next;
  }

  void credentials(Credentials next) {
    credentials = next;
  }

  void execute(@Nullable Program next, AddressSpace in) {
    program = next;
    in.enter();
    AddressSpace left = mm;
    mm = in;
    left.leave();
  }
}
