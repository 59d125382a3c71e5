package dev.bts.sim.rules;

import java.util.ArrayList;
import java.util.List;

/** Worlds in words. */
public final class WorldText {
  private static final String[] COUNTERS = {"total_vm", "locked_vm", "pinned_vm"};

  private final Shape shape;

  /** Makes the words for the worlds of some transitions. */
  public WorldText(Transitions transitions) {
    shape = transitions.shape();
  }

  /** Returns the accounts that are not empty, and the buffers, a line each. */
  public List<String> accounts(World world) {
    List<String> lines = new ArrayList<>();
    for (int account = 0; account < shape.accounts; account++) {
      if (world.counter(account) != 0) {
        lines.add(name(world, account) + " = " + world.counter(account));
      }
    }
    for (int buffer = 0; buffer < shape.buffers; buffer++) {
      if (world.phase(buffer) != Shape.NONE) {
        lines.add(buffer(world, buffer));
      }
    }
    return lines;
  }

  private String name(World world, int account) {
    if (shape.isMmAccount(account)) {
      int mm = shape.mmOf(account);
      int task = world.userOfMm(mm);
      return COUNTERS[account % Shape.MM_ACCOUNTS]
          + " of "
          + (task < 0 ? "address space " + (mm + 1) + " (gone)" : "task " + (task + 1));
    }
    if (shape.isUserAccount(account)) {
      int user = shape.userOf(account);
      boolean memlock = account == shape.mms * Shape.MM_ACCOUNTS + user * Shape.USER_ACCOUNTS;
      return (memlock ? "memlock" : "locked_vm") + " of user " + (user + 1);
    }
    int group = shape.groupOf(account);
    return "memory of group " + (group + 1) + (world.isGroupThere(group) ? "" : " (removed)");
  }

  private String buffer(World world, int buffer) {
    StringBuilder text = new StringBuilder("buffer ").append(buffer + 1).append(": ");
    int size = world.buffer(buffer, Shape.SIZE);
    text.append(size).append(size == 1 ? " page" : " pages");
    text.append(
        switch (world.phase(buffer)) {
          case Shape.RESERVED -> " reserved";
          case Shape.DYING -> " waiting for the worker";
          case Shape.DANGLING -> " freed, but pointed to";
          default -> " locked";
        });
    int holders = world.buffer(buffer, Shape.HOLDERS);
    for (int task = 0; task < shape.tasks; task++) {
      if ((holders >> task & 1) != 0) {
        text.append(", at task ").append(task + 1);
      }
    }
    if (world.phase(buffer) != Shape.DANGLING) {
      String charges = charges(world, buffer);
      text.append(charges.isEmpty() ? ", nobody has paid" : ", receipt: " + charges);
    }
    return text.toString();
  }

  private String charges(World world, int buffer) {
    List<String> charges = new ArrayList<>();
    for (int charge = 0; charge < Shape.MOST_CHARGES; charge++) {
      int account = world.chargedAccount(buffer, charge);
      if (account >= 0) {
        charges.add(world.chargedPages(buffer, charge) + " on " + name(world, account));
      }
    }
    return String.join(", ", charges);
  }
}
