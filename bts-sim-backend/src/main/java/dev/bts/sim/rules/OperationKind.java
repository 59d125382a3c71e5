package dev.bts.sim.rules;

import java.util.List;
import java.util.Locale;

/**
 * What can happen on the bounded machine: a system call, an internal step of one where a race
 * matters, or the end of something. The text names the arguments by their keys.
 */
public enum OperationKind {
  /** ptrace attach. A session takes over what a dead tracer has left. */
  ATTACH("task {task} attaches to task {on}", Argument.TASK, Argument.ON),
  /** A buffer for a tracee, checked and charged in one step. */
  ALLOCATE(
      "task {task} allocates {pages} pages for task {on}",
      Argument.TASK,
      Argument.ON,
      Argument.PAGES),
  /** An allocation that fails behind the check. */
  ALLOCATE_FAILS(
      "task {task} fails to allocate {pages} pages for task {on}",
      Argument.TASK,
      Argument.ON,
      Argument.PAGES),
  /** A reservation for a buffer of a tracee. */
  RESERVE(
      "task {task} reserves {pages} pages for task {on}",
      Argument.TASK,
      Argument.ON,
      Argument.PAGES),
  /** The second step of what began with a reservation or a check. */
  COMMIT("task {task} commits buffer {buffer}", Argument.TASK, Argument.BUFFER),
  /** The memory could not be had. */
  CANCEL("task {task} cancels buffer {buffer}", Argument.TASK, Argument.BUFFER),
  /** The buffer is freed on request: a resize to zero. */
  FREE("task {task} frees buffer {buffer}", Argument.TASK, Argument.BUFFER),
  /** The configuration asks for an overflow signal, which is not supported. */
  SIGNAL("task {task} asks for a signal on overflow for task {on}", Argument.TASK, Argument.ON),
  /** PTRACE_TRACEME: the parent is no longer asked, nor compared. */
  TRACEME("task {task} asks to be traced by its parent", Argument.TASK),
  /** ptrace detach. */
  DETACH("task {task} detaches from task {on}", Argument.TASK, Argument.ON),
  /** The second step of a release, an exec or an exit that is two. */
  FINISH("task {task} finishes what it has begun", Argument.TASK),
  /** A buffer that a dead tracer has left is freed. */
  RECLAIM("task {task} reclaims buffer {buffer}", Argument.TASK, Argument.BUFFER),
  /** A tracer hands a tracee and its buffers to another tracer. */
  HAND_OVER(
      "task {task} hands task {on} over to task {to}", Argument.TASK, Argument.ON, Argument.TO),
  /** One thread exits. */
  EXIT("task {task} exits", Argument.TASK),
  /** SIGKILL: the whole process ends, without doing anything. */
  KILL("task {task} is killed with its threads", Argument.TASK),
  /** wait(2) for a zombie, by its tracer or another thread of the tracer. */
  REAP("task {task} reaps task {on}", Argument.TASK, Argument.ON),
  /** execve(2). */
  EXEC("task {task} executes a program", Argument.TASK),
  /** execve(2), as far as the end of all other threads. */
  BEGIN_EXEC("task {task} begins to execute a program", Argument.TASK),
  /** exit(2), as far as the address space. */
  BEGIN_EXIT("task {task} begins to exit, and leaves its address space", Argument.TASK),
  /** fork(2). */
  FORK("task {task} forks task {on}", Argument.TASK, Argument.ON),
  /** fork(2) of a tracee whose tracer follows forks. */
  FORK_TRACED("task {task} forks task {on}, which is traced too", Argument.TASK, Argument.ON),
  /** clone(2) with CLONE_VM and CLONE_THREAD. */
  CLONE("task {task} starts thread {on}", Argument.TASK, Argument.ON),
  /** clone(2) with CLONE_VM and without CLONE_THREAD, as vfork(2) does. */
  CLONE_VM("task {task} starts process {on} in its address space", Argument.TASK, Argument.ON),
  /** setresuid(2), for all threads. */
  SET_USER("task {task} becomes user {user}", Argument.TASK, Argument.USER),
  /** unshare(2) with CLONE_NEWUSER: the same user in a namespace of its own. */
  ENTER_NAMESPACE("task {task} enters a user namespace that its user has made", Argument.TASK),
  /** The process moves to another control group. */
  MOVE("task {task} moves to group {group}", Argument.TASK, Argument.GROUP),
  /** rmdir(2) of a control group that no live task is in, with what is still charged to it. */
  REMOVE_GROUP("group {group} is removed", Argument.GROUP),
  /** mkdir(2): a group of that name, once nothing is charged to the one before it. */
  MAKE_GROUP("group {group} is made anew", Argument.GROUP),
  /** prlimit(2): RLIMIT_MEMLOCK is halved. */
  LOWER_LIMIT("RLIMIT_MEMLOCK of task {task} is lowered", Argument.TASK),
  /** perf_event_mlock_kb is set to nothing. */
  LOWER_GIFT("perf_event_mlock_kb is lowered"),
  /** One of two CPUs goes offline; the buffers of all tasks are loaded there. */
  CPU_OFFLINE("a CPU goes offline"),
  /** It comes back. */
  CPU_ONLINE("the CPU comes online"),
  /** The process locks a page of its own. */
  LOCK_PAGE("task {task} locks a page of its own", Argument.TASK),
  /** The process unlocks that page. */
  UNLOCK_PAGE("task {task} unlocks its own page", Argument.TASK),
  /** A descriptor with a buffer is made. */
  OPEN("task {task} opens a buffer of {pages} pages", Argument.TASK, Argument.PAGES),
  /** A buffer of the second subsystem is made. */
  OPEN_SECOND("task {task} opens a second buffer of {pages} pages", Argument.TASK, Argument.PAGES),
  /** A descriptor whose buffer fails behind the check. */
  OPEN_FAILS("task {task} fails to open a buffer of {pages} pages", Argument.TASK, Argument.PAGES),
  /** A descriptor is passed on. */
  SHARE(
      "task {task} passes buffer {buffer} to task {on}",
      Argument.TASK,
      Argument.BUFFER,
      Argument.ON),
  /** The buffer is mapped in another address space that has a descriptor. */
  MAP("task {task} maps buffer {buffer}", Argument.TASK, Argument.BUFFER),
  /** A mapping is removed. */
  UNMAP("task {task} unmaps buffer {buffer}", Argument.TASK, Argument.BUFFER),
  /** A part of a mapping is removed. */
  SPLIT("task {task} unmaps a part of buffer {buffer}", Argument.TASK, Argument.BUFFER),
  /** The process closes its descriptor. */
  CLOSE("task {task} closes buffer {buffer}", Argument.TASK, Argument.BUFFER),
  /** A buffer is locked again. */
  RELOCK("task {task} locks buffer {buffer} again", Argument.TASK, Argument.BUFFER),
  /** The deferred worker releases a buffer. */
  WORK("the worker releases buffer {buffer}", Argument.BUFFER),
  /** The deferred worker finds no memory. */
  WORK_FAILS("the worker finds no memory to release buffer {buffer}", Argument.BUFFER);

  private static final OperationKind[] KINDS = values();

  private final String text;

  @SuppressWarnings("ImmutableEnumChecker") // Made by List.of.
  private final List<Argument> arguments;

  OperationKind(String text, Argument... arguments) {
    this.text = text;
    this.arguments = List.of(arguments);
  }

  /** Returns the number that stands for the kind within one run; it is written nowhere. */
  @SuppressWarnings("EnumOrdinal")
  int code() {
    return ordinal();
  }

  static OperationKind of(int code) {
    return KINDS[code];
  }

  /** Returns the arguments, in order. */
  public List<Argument> arguments() {
    return arguments;
  }

  /** Returns its name in a scenario: {@code hand-over}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  String text() {
    return text;
  }
}
