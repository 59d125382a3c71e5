package dev.bts.sim.rules;

import java.util.Arrays;

/**
 * Where the parts of a {@link World} lie in its array, and how many bits each needs when packed.
 *
 * <p>Globals, then tasks, accounts, address spaces and buffers. Accounts are in the order of
 * address spaces (three each), users (two each) and groups (one each). References to tasks and
 * address spaces are counted from one; zero is none.
 */
final class Shape {
  static final int GIFT_LOWERED = 0;

  /** The control groups that have been removed, as bits. */
  static final int GONE_GROUPS = 1;

  /** Whether a CPU is offline. */
  static final int CPU_OFFLINE = 2;

  private static final int GLOBALS = 3;

  // Fields of a task.
  static final int STATE = 0;
  static final int MM = 1;
  static final int USER = 2;
  static final int TRACER = 3;
  static final int GROUP = 4;
  static final int PENDING = 5;
  static final int CAPABLE = 6;
  static final int LOWERED = 7;

  /** Whether the task is between the two steps of an exec. */
  static final int EXECUTING = 8;

  /** The tasks of its process, as bits, where processes can share an address space. */
  static final int THREADS = 9;

  /** Who has started its process, where it can ask to be traced. */
  static final int PARENT = 10;

  static final int TASK_FIELDS = 11;

  // Values of STATE.
  static final int ABSENT = 0;
  static final int LIVE = 1;
  static final int ZOMBIE = 2;

  /** Between the two steps of an exit: without an address space. */
  static final int EXITING = 3;

  // Values of LOWERED.
  static final int LOWERED_LIMIT = 1;

  /** The limit was lowered, and is not in force. */
  static final int LOST_LIMIT = 2;

  // The field of an address space beside its accounts.
  static final int FOREIGN = 0;
  static final int MM_FIELDS = 1;

  // Fields of a buffer.
  static final int SIZE = 0;
  static final int PHASE = 1;
  static final int OWNER = 2;
  static final int KIND = 3;
  static final int HOLDERS = 4;
  static final int MAPPINGS = 5;
  static final int STRAY = 6;
  static final int INACTIVE = 7;
  static final int RELOCKED = 8;
  static final int CHARGES = 9;
  static final int MOST_CHARGES = 4;
  static final int BUFFER_FIELDS = CHARGES + 2 * MOST_CHARGES;

  // Values of PHASE.
  static final int NONE = 0;
  static final int RESERVED = 1;
  static final int IN_USE = 2;
  static final int DYING = 3;
  static final int DANGLING = 4;

  // Accounts of an address space.
  static final int TOTAL_VM = 0;
  static final int LOCKED_VM = 1;
  static final int PINNED_VM = 2;
  static final int MM_ACCOUNTS = 3;

  // Accounts of a user: memlock, then perf.
  static final int USER_ACCOUNTS = 2;

  final Bounds bounds;
  final int tasks;
  final int mms;
  final int users;
  final int groups;
  final int buffers;
  final int accounts;

  final int firstTask = GLOBALS;
  final int firstAccount;
  final int firstMm;
  final int firstBuffer;
  final int size;

  /** No counter of a state that is looked at is farther from zero. */
  final int mostOnAccount;

  /** Whether an address space can be that of several processes. */
  final boolean sharesMemory;

  final int[] bits;
  final int[] bias;

  Shape(Bounds bounds) {
    this.bounds = bounds;
    tasks = bounds.tasks();
    mms = bounds.addressSpaces();
    users = bounds.allUsers();
    groups = bounds.groups();
    buffers = bounds.buffers();
    accounts = mms * MM_ACCOUNTS + users * USER_ACCOUNTS + groups;
    firstAccount = firstTask + tasks * TASK_FIELDS;
    firstMm = firstAccount + accounts;
    firstBuffer = firstMm + mms * MM_FIELDS;
    size = firstBuffer + buffers * BUFFER_FIELDS;
    sharesMemory = bounds.has(Event.CLONE_VM);
    mostOnAccount = 2 * buffers * bounds.pages() + 1;
    bits = new int[size];
    bias = new int[size];
    measure();
  }

  private void measure() {
    Arrays.fill(bits, 1);
    bits[CPU_OFFLINE] = bounds.has(Event.HOTPLUG) ? 1 : 0;
    bits[GONE_GROUPS] = bounds.groups() > 1 ? bounds.groups() : 0;
    int signed = width(2 * mostOnAccount);
    for (int task = 0; task < tasks; task++) {
      int at = task(task);
      boolean twoSteps = bounds.has(Event.TWO_STEPS);
      bits[at + STATE] = width(twoSteps ? EXITING : ZOMBIE);
      bits[at + LOWERED] = width(twoSteps ? LOST_LIMIT : LOWERED_LIMIT);
      bits[at + EXECUTING] = twoSteps ? 1 : 0;
      bits[at + THREADS] = sharesMemory ? tasks : 0;
      bits[at + PARENT] = bounds.has(Event.TRACEME) ? width(tasks) : 0;
      bits[at + MM] = width(mms);
      bits[at + USER] = width(users - 1);
      bits[at + TRACER] = width(tasks);
      bits[at + GROUP] = width(groups - 1);
      bits[at + PENDING] = width(buffers);
    }
    for (int account = 0; account < accounts; account++) {
      bits[firstAccount + account] = signed;
      bias[firstAccount + account] = mostOnAccount;
    }
    for (int buffer = 0; buffer < buffers; buffer++) {
      int at = buffer(buffer);
      bits[at + SIZE] = width(bounds.pages());
      bits[at + PHASE] = width(DANGLING);
      bits[at + OWNER] = width(tasks);
      bits[at + HOLDERS] = tasks;
      bits[at + MAPPINGS] = mms;
      for (int charge = 0; charge < MOST_CHARGES; charge++) {
        bits[at + CHARGES + 2 * charge] = width(accounts);
        bits[at + CHARGES + 2 * charge + 1] = signed;
        bias[at + CHARGES + 2 * charge + 1] = mostOnAccount;
      }
    }
  }

  private static int width(int most) {
    return Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(most));
  }

  int task(int task) {
    return firstTask + task * TASK_FIELDS;
  }

  int mm(int mm) {
    return firstMm + mm * MM_FIELDS;
  }

  int buffer(int buffer) {
    return firstBuffer + buffer * BUFFER_FIELDS;
  }

  /** Returns whether an account is an address space's. */
  boolean isMmAccount(int account) {
    return account < mms * MM_ACCOUNTS;
  }

  /** Returns whether an account is a user's. */
  boolean isUserAccount(int account) {
    return !isMmAccount(account) && account < mms * MM_ACCOUNTS + users * USER_ACCOUNTS;
  }

  /** Returns the address space of an account that is one's. */
  int mmOf(int account) {
    return account / MM_ACCOUNTS;
  }

  /** Returns the user of an account that is one's. */
  int userOf(int account) {
    return (account - mms * MM_ACCOUNTS) / USER_ACCOUNTS;
  }

  /** Returns the same counter of another address space. */
  int accountOfMm(int account, int mm) {
    return mm * MM_ACCOUNTS + account % MM_ACCOUNTS;
  }

  /** Returns the same counter of another user. */
  int accountOfUser(int account, int user) {
    int first = mms * MM_ACCOUNTS;
    return first + user * USER_ACCOUNTS + (account - first) % USER_ACCOUNTS;
  }

  /** Returns the account of a group. */
  int accountOfGroup(int group) {
    return mms * MM_ACCOUNTS + users * USER_ACCOUNTS + group;
  }

  /** Returns whether an account is a group's. */
  boolean isGroupAccount(int account) {
    return account >= accountOfGroup(0);
  }

  /** Returns the group of an account that is one's. */
  int groupOf(int account) {
    return account - accountOfGroup(0);
  }

  /** Returns the root user of a user: the one in the initial namespace. */
  int rootUser(int user) {
    return user < bounds.users() ? user : user - bounds.users();
  }
}
