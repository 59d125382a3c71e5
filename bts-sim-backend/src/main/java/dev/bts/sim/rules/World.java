package dev.bts.sim.rules;

import java.util.Arrays;

/**
 * The state of the bounded machine: numbers in one array, in the order of {@link Shape}. Tasks,
 * address spaces, users, groups and buffers are counted from zero.
 *
 * <p>A mutable scratch object, which explorers copy into and out of; one thread at a time.
 */
public final class World {
  final Shape shape;
  final int[] values;

  /** The {@link Invariant}s that the last step has broken, as bits. No part of the state. */
  int broken;

  World(Shape shape) {
    this.shape = shape;
    values = new int[shape.size];
  }

  /** Returns the machine at its beginning. */
  static World initial(Shape shape) {
    World world = new World(shape);
    for (int task = 0; task < shape.bounds.processes(); task++) {
      world.task(task, Shape.STATE, Shape.LIVE);
      world.task(task, Shape.MM, task + 1);
      world.task(task, Shape.CAPABLE, task < shape.bounds.capable() ? 1 : 0);
      world.task(task, Shape.THREADS, shape.sharesMemory ? 1 << task : 0);
    }
    return world;
  }

  /** Becomes what another world of the same shape is. */
  public void copy(World other) {
    System.arraycopy(other.values, 0, values, 0, values.length);
  }

  int task(int task, int field) {
    return values[shape.firstTask + task * Shape.TASK_FIELDS + field];
  }

  void task(int task, int field, int value) {
    values[shape.firstTask + task * Shape.TASK_FIELDS + field] = value;
  }

  int mm(int mm, int field) {
    return values[shape.firstMm + mm * Shape.MM_FIELDS + field];
  }

  void mm(int mm, int field, int value) {
    values[shape.firstMm + mm * Shape.MM_FIELDS + field] = value;
  }

  int buffer(int buffer, int field) {
    return values[shape.firstBuffer + buffer * Shape.BUFFER_FIELDS + field];
  }

  void buffer(int buffer, int field, int value) {
    values[shape.firstBuffer + buffer * Shape.BUFFER_FIELDS + field] = value;
  }

  int counter(int account) {
    return values[shape.firstAccount + account];
  }

  void add(int account, int pages) {
    values[shape.firstAccount + account] += pages;
  }

  boolean giftLowered() {
    return values[Shape.GIFT_LOWERED] != 0;
  }

  void lowerGift() {
    values[Shape.GIFT_LOWERED] = 1;
  }

  boolean isCpuOffline() {
    return values[Shape.CPU_OFFLINE] != 0;
  }

  /** One of two CPUs goes or comes; returns whether that changes anything. */
  boolean setCpuOffline(boolean offline) {
    boolean changes = isCpuOffline() != offline;
    values[Shape.CPU_OFFLINE] = offline ? 1 : 0;
    return changes;
  }

  /** Returns whether a control group can be joined, and has not been removed. */
  boolean isGroupThere(int group) {
    return (values[Shape.GONE_GROUPS] >> group & 1) == 0;
  }

  /** A control group is removed; what is charged to it stays on its counter. */
  void removeGroup(int group) {
    values[Shape.GONE_GROUPS] |= 1 << group;
  }

  /** A group without charges takes the place of a removed one. */
  void makeGroup(int group) {
    values[Shape.GONE_GROUPS] &= ~(1 << group);
  }

  boolean isLive(int task) {
    return task(task, Shape.STATE) == Shape.LIVE;
  }

  /** Returns whether a task is there and has not ended, though it may have begun to. */
  boolean isUnended(int task) {
    return isLive(task) || task(task, Shape.STATE) == Shape.EXITING;
  }

  /** Returns the live tasks of a live task's process, as bits. */
  int threadsOf(int task) {
    return shape.sharesMemory ? task(task, Shape.THREADS) : tasksOfMm(mmOf(task));
  }

  /** Returns whether another task is of a live task's process. */
  boolean areThreads(int task, int other) {
    return (threadsOf(task) >> other & 1) != 0;
  }

  /** Returns who started a task's process, -1 if nobody did that lives. */
  int parentOf(int task) {
    return task(task, Shape.PARENT) - 1;
  }

  /** Returns a live task's address space, -1 if it has none. */
  int mmOf(int task) {
    return task(task, Shape.MM) - 1;
  }

  /** Returns who traces a task, -1 if nobody does. */
  int tracerOf(int task) {
    return task(task, Shape.TRACER) - 1;
  }

  /** Returns who has made a buffer, -1 if it is gone. */
  int ownerOf(int buffer) {
    return buffer(buffer, Shape.OWNER) - 1;
  }

  int phase(int buffer) {
    return buffer(buffer, Shape.PHASE);
  }

  boolean isHolder(int buffer, int task) {
    return (buffer(buffer, Shape.HOLDERS) >> task & 1) != 0;
  }

  boolean isMapped(int buffer, int mm) {
    return (buffer(buffer, Shape.MAPPINGS) >> mm & 1) != 0;
  }

  /** Returns some live task of an address space, -1 if nobody lives there. */
  int userOfMm(int mm) {
    for (int task = 0; task < shape.tasks; task++) {
      if (task(task, Shape.MM) == mm + 1) {
        return task;
      }
    }
    return -1;
  }

  /** Returns the tasks of an address space, as bits. */
  int tasksOfMm(int mm) {
    int tasks = 0;
    for (int task = 0; task < shape.tasks; task++) {
      tasks |= task(task, Shape.MM) == mm + 1 ? 1 << task : 0;
    }
    return tasks;
  }

  /** Returns an address space that nobody has and nothing is charged to, -1 if there is none. */
  int freeMm() {
    for (int mm = 0; mm < shape.mms; mm++) {
      if (userOfMm(mm) < 0 && !isReferredTo(mm)) {
        forgetCounters(mm);
        return mm;
      }
    }
    return -1;
  }

  /** What is left on an address space that nothing refers to any more goes with it. */
  void forgetCounters(int mm) {
    if (!isReferredTo(mm)) {
      int first = shape.firstAccount + mm * Shape.MM_ACCOUNTS;
      Arrays.fill(values, first, first + Shape.MM_ACCOUNTS, 0);
    }
  }

  private boolean isReferredTo(int mm) {
    for (int buffer = 0; buffer < shape.buffers; buffer++) {
      if ((mmsOf(buffer) >> mm & 1) != 0) {
        return true;
      }
    }
    return false;
  }

  int freeBuffer() {
    for (int buffer = 0; buffer < shape.buffers; buffer++) {
      if (phase(buffer) == Shape.NONE) {
        return buffer;
      }
    }
    return -1;
  }

  void clearBuffer(int buffer) {
    int at = shape.buffer(buffer);
    Arrays.fill(values, at, at + Shape.BUFFER_FIELDS, 0);
  }

  void clearTask(int task) {
    int at = shape.task(task);
    Arrays.fill(values, at, at + Shape.TASK_FIELDS, 0);
  }

  /** Returns the account of a buffer's charge, -1 if there is no such charge. */
  int chargedAccount(int buffer, int charge) {
    return buffer(buffer, Shape.CHARGES + 2 * charge) - 1;
  }

  int chargedPages(int buffer, int charge) {
    return buffer(buffer, Shape.CHARGES + 2 * charge + 1);
  }

  /** Returns how many charges a buffer's receipt has; they come first, in the order of accounts. */
  int charges(int buffer) {
    int charges = 0;
    while (charges < Shape.MOST_CHARGES && chargedAccount(buffer, charges) >= 0) {
      charges++;
    }
    return charges;
  }

  /** Returns the address spaces that a buffer is mapped in or charged to, as bits. */
  int mmsOf(int buffer) {
    int mms = buffer(buffer, Shape.MAPPINGS);
    for (int charge = charges(buffer) - 1; charge >= 0; charge--) {
      int account = chargedAccount(buffer, charge);
      mms |= shape.isMmAccount(account) ? 1 << shape.mmOf(account) : 0;
    }
    return mms;
  }

  /** Returns the address spaces that somebody lives in, as bits. */
  int liveMms() {
    int mms = 0;
    for (int task = 0; task < shape.tasks; task++) {
      mms |= 1 << task(task, Shape.MM) >> 1;
    }
    return mms;
  }

  boolean isCharged(int buffer) {
    return chargedAccount(buffer, 0) >= 0;
  }

  /** Adds pages to a buffer's receipt; charges are in the order of accounts. */
  void charge(int buffer, int account, int pages) {
    int charge = 0;
    while (charge < Shape.MOST_CHARGES
        && chargedAccount(buffer, charge) >= 0
        && chargedAccount(buffer, charge) < account) {
      charge++;
    }
    if (charge < Shape.MOST_CHARGES && chargedAccount(buffer, charge) == account) {
      setCharge(buffer, charge, account, chargedPages(buffer, charge) + pages);
      return;
    }
    if (charge == Shape.MOST_CHARGES || chargedAccount(buffer, Shape.MOST_CHARGES - 1) >= 0) {
      throw new IllegalStateException(
          "a buffer is charged to more than " + Shape.MOST_CHARGES + " accounts");
    }
    for (int i = Shape.MOST_CHARGES - 1; i > charge; i--) {
      setCharge(buffer, i, chargedAccount(buffer, i - 1), chargedPages(buffer, i - 1));
    }
    setCharge(buffer, charge, account, pages);
  }

  void setCharge(int buffer, int charge, int account, int pages) {
    buffer(buffer, Shape.CHARGES + 2 * charge, account + 1);
    buffer(buffer, Shape.CHARGES + 2 * charge + 1, pages);
  }

  void clearCharges(int buffer) {
    for (int charge = 0; charge < Shape.MOST_CHARGES; charge++) {
      setCharge(buffer, charge, -1, 0);
    }
  }

  /** Adds a buffer's receipt, times a sign, to the counters. */
  void moveCounters(int buffer, int sign) {
    for (int charge = 0; charge < Shape.MOST_CHARGES; charge++) {
      int account = chargedAccount(buffer, charge);
      if (account >= 0) {
        add(account, sign * chargedPages(buffer, charge));
      }
    }
  }

  int chargedPagesOn(int buffer, int account) {
    for (int charge = 0; charge < Shape.MOST_CHARGES; charge++) {
      if (chargedAccount(buffer, charge) == account) {
        return chargedPages(buffer, charge);
      }
    }
    return 0;
  }

  /** Returns the pages that a program has on an account for itself. */
  int foreign(int account) {
    return shape.isMmAccount(account)
            && account % Shape.MM_ACCOUNTS <= 1
            && mm(shape.mmOf(account), Shape.FOREIGN) != 0
        ? 1
        : 0;
  }

  /** Returns whether all counters can be packed. */
  boolean isWithinRange() {
    for (int i = shape.firstAccount; i < shape.firstMm; i++) {
      if (Math.abs(values[i]) > shape.mostOnAccount) {
        return false;
      }
    }
    return true;
  }
}
