package dev.bts.sim.kernel;

import java.util.Map;
import java.util.NavigableMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Whose turn it is: tasks come one after the other, by number. Guarded by the machine's lock. */
final class RunQueue {
  private int last;

  /** Returns the next task in turn among those that can run, null if there is none. */
  @Nullable Task next(NavigableMap<Integer, Task> tasks, Predicate<Task> canRun) {
    Task found = first(tasks.tailMap(last, false), canRun);
    if (found == null) {
      found = first(tasks.headMap(last, true), canRun);
    }
    if (found != null) {
      last = found.tid();
    }
    return found;
  }

  private static @Nullable Task first(Map<Integer, Task> among, Predicate<Task> canRun) {
    for (Task task : among.values()) {
      if (canRun.test(task)) {
        return task;
      }
    }
    return null;
  }
}
