package dev.bts.sim.rules;

import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * How large the machine is: everything is bounded, so that all of it can be looked at.
 *
 * @param tasks the most tasks that exist at one time
 * @param users users in the initial user namespace
 * @param namespaces user namespaces, the first of the first user and so on; their users are further
 *     users
 * @param groups memory control groups: the first, and others below it
 * @param buffers the most buffers that exist at one time
 * @param pages the most pages of a buffer
 * @param limit RLIMIT_MEMLOCK and the control groups' limit, in pages
 * @param addressSpace RLIMIT_AS, in pages; 0 for none
 * @param gift perf_event_mlock_kb times CPUs, in pages
 * @param processes how many processes there are at the beginning, of the first user
 * @param capable how many of them have CAP_IPC_LOCK and CAP_SYS_PTRACE
 * @param events what can happen beside the usual
 */
public record Bounds(
    int tasks,
    int users,
    int namespaces,
    int groups,
    int buffers,
    int pages,
    int limit,
    int addressSpace,
    int gift,
    int processes,
    int capable,
    Set<Event> events) {
  /** The most tasks and buffers that a machine can have. */
  public static final int MOST_OBJECTS = 6;

  /** The most control groups. */
  public static final int MOST_GROUPS = 3;

  /** The most pages of a limit. */
  public static final int MOST_PAGES = Operation.MOST;

  /** Two processes of one user with room for a third task, two buffers of one page or two. */
  public static final Bounds SMALL = new Bounds(3, 1, 0, 1, 2, 2, 3, 0, 1, 2, 0, Set.of());

  /** Checks. */
  public Bounds {
    check("--tasks", tasks, 1, MOST_OBJECTS);
    check("--users", users, 1, MOST_OBJECTS);
    check("--namespaces", namespaces, 0, users);
    check("--groups", groups, 1, MOST_GROUPS);
    check("--buffers", buffers, 1, MOST_OBJECTS);
    check("--pages", pages, 1, MOST_PAGES);
    check("--limit", limit, 0, MOST_PAGES);
    check("--address-space", addressSpace, 0, MOST_PAGES);
    check("--gift", gift, 0, MOST_PAGES);
    check("--processes", processes, 1, tasks);
    check("--capable", capable, 0, processes);
    events = events.isEmpty() ? Set.of() : Set.copyOf(events);
  }

  /** Creates bounds with nothing beside the usual. */
  public Bounds(
      int tasks,
      int users,
      int namespaces,
      int groups,
      int buffers,
      int pages,
      int limit,
      int addressSpace,
      int gift,
      int processes,
      int capable) {
    this(
        tasks,
        users,
        namespaces,
        groups,
        buffers,
        pages,
        limit,
        addressSpace,
        gift,
        processes,
        capable,
        Set.of());
  }

  private static void check(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw new InvalidRequestException(
          new Explanation(
              option + " " + value,
              "the number must lie between " + least + " and " + most,
              "correct " + option));
    }
  }

  /** Returns these bounds with other numbers of tasks and users. */
  public Bounds withActors(int otherTasks, int otherUsers) {
    return with(
        next -> {
          next.tasks = otherTasks;
          next.users = otherUsers;
          next.namespaces = Math.min(namespaces, otherUsers);
          next.processes = Math.min(processes, otherTasks);
          next.capable = Math.min(capable, next.processes);
        });
  }

  /** Returns these bounds with so many processes at the beginning. */
  public Bounds withProcesses(int others) {
    return with(
        next -> {
          next.processes = others;
          next.capable = Math.min(capable, others);
        });
  }

  /** Returns these bounds with other buffers. */
  public Bounds withBuffers(int otherBuffers, int otherPages) {
    return with(
        next -> {
          next.buffers = otherBuffers;
          next.pages = otherPages;
        });
  }

  /** Returns these bounds with other limits. */
  public Bounds withLimits(int otherLimit, int otherAddressSpace, int otherGift) {
    return with(
        next -> {
          next.limit = otherLimit;
          next.addressSpace = otherAddressSpace;
          next.gift = otherGift;
        });
  }

  /** Returns these bounds with so many user namespaces. */
  public Bounds withNamespaces(int others) {
    return with(next -> next.namespaces = others);
  }

  /** Returns these bounds with so many control groups. */
  public Bounds withGroups(int others) {
    return with(next -> next.groups = others);
  }

  /** Returns these bounds with so many capable processes. */
  public Bounds withCapable(int others) {
    return with(next -> next.capable = others);
  }

  /** Returns these bounds with these events. */
  public Bounds withEvents(Set<Event> others) {
    return with(next -> next.events = others);
  }

  private Bounds with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.bounds();
  }

  /** Bounds that are still to be changed. */
  private static final class Draft {
    private int tasks;
    private int users;
    private int namespaces;
    private int groups;
    private int buffers;
    private int pages;
    private int limit;
    private int addressSpace;
    private int gift;
    private int processes;
    private int capable;
    private Set<Event> events;

    Draft(Bounds of) {
      tasks = of.tasks;
      users = of.users;
      namespaces = of.namespaces;
      groups = of.groups;
      buffers = of.buffers;
      pages = of.pages;
      limit = of.limit;
      addressSpace = of.addressSpace;
      gift = of.gift;
      processes = of.processes;
      capable = of.capable;
      events = of.events;
    }

    Bounds bounds() {
      return new Bounds(
          tasks,
          users,
          namespaces,
          groups,
          buffers,
          pages,
          limit,
          addressSpace,
          gift,
          processes,
          capable,
          events);
    }
  }

  /** Returns whether something beside the usual can happen. */
  boolean has(Event event) {
    return events.contains(event);
  }

  /** Returns the events' names, in their order, separated by commas. */
  public String eventNames() {
    return events.isEmpty()
        ? ""
        : EnumSet.copyOf(events).stream().map(Event::label).collect(Collectors.joining(","));
  }

  /** Returns all users: those of the initial user namespace, then those of the others. */
  int allUsers() {
    return users + namespaces;
  }

  /** One more than there are tasks, because exec makes the new address space first. */
  int addressSpaces() {
    return tasks + 1;
  }

  /** Returns the bounds as options. */
  @Override
  public String toString() {
    return "--tasks "
        + tasks
        + " --processes "
        + processes
        + " --capable "
        + capable
        + " --users "
        + users
        + " --namespaces "
        + namespaces
        + " --groups "
        + groups
        + " --buffers "
        + buffers
        + " --pages "
        + pages
        + " --limit "
        + limit
        + " --address-space "
        + addressSpace
        + " --gift "
        + gift
        + (events.isEmpty() ? "" : " --events " + eventNames());
  }
}
