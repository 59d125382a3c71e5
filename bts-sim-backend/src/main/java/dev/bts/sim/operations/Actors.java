package dev.bts.sim.operations;

import dev.bts.sim.kernel.Task;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The processes and threads of a sequence by the names that the language gives them. */
final class Actors {
  private final Map<Integer, Task> live = new TreeMap<>();
  private final Set<Integer> zombies = new TreeSet<>();

  Actors() {}

  Task get(int name) {
    Task task = live.get(name);
    if (task == null) {
      throw new IllegalStateException("p" + name + " does not live");
    }
    return task;
  }

  boolean lives(int name) {
    return live.containsKey(name);
  }

  boolean isZombie(int name) {
    return zombies.contains(name);
  }

  Map<Integer, Task> live() {
    return live;
  }

  void add(int name, Task task) {
    live.put(name, task);
  }

  void reap(int name) {
    zombies.remove(name);
  }

  /** Drops those that have ended: first threads leave zombies, others nothing. */
  void sweep() {
    live.values().removeIf(task -> task.isGone() && task.tid() != task.group().pid());
    live.entrySet().stream()
        .filter(each -> each.getValue().isGone())
        .forEach(each -> zombies.add(each.getKey()));
    live.keySet().removeAll(zombies);
  }
}
