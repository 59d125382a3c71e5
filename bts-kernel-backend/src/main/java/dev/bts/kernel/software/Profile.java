package dev.bts.kernel.software;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A sample of the records of one thread, one after another, from which it is learned where the
 * program is hot and which paths it takes there: the trace is its own profile.
 */
final class Profile {
  /** How many records a sample has at most. */
  private static final int RECORDS_MAX = 1 << 14;

  /** A smaller sample says little. */
  private static final int RECORDS_MIN = 1 << 11;

  /** An address is hot if one of so many records leads to it. */
  private static final int RECORDS_PER_VISIT = 100;

  /** How many paths from one address are looked at. */
  private static final int PATHS_MAX = 1 << 10;

  private final int[] paths = new int[RECORDS_MAX];
  private final long[] targets = new long[RECORDS_MAX];
  private int used;

  /** Begins another sample. */
  void clear() {
    used = 0;
  }

  /** Takes the records that come, unless there are enough. */
  void add(AreaRun records) {
    while (used < RECORDS_MAX && records.nextPath()) {
      paths[used] = records.path();
      targets[used] = records.target();
      used++;
    }
  }

  /**
   * An address to which many records lead.
   *
   * @param address the address
   * @param visits how many records of the sample lead there
   * @param branchesPerRecord how many branches the records have that come next
   */
  record HotPlace(long address, int visits, double branchesPerRecord) {}

  private static final class Count {
    private int visits;
    private long branches;
  }

  /** Returns the hot places, the hottest first; none if the sample says too little. */
  List<HotPlace> hotPlaces(PathTable table) {
    if (used < RECORDS_MIN) {
      return List.of();
    }
    Map<Long, Count> counts = new HashMap<>();
    for (int i = 0; i < used - 1; i++) {
      Count count = counts.computeIfAbsent(targets[i], none -> new Count());
      count.visits++;
      count.branches += table.length(paths[i + 1]);
    }
    List<HotPlace> places = new ArrayList<>();
    counts.forEach(
        (address, count) -> {
          if (count.visits >= used / RECORDS_PER_VISIT) {
            double branches = (double) count.branches / count.visits;
            places.add(new HotPlace(address, count.visits, branches));
          }
        });
    places.sort(Comparator.comparingInt(HotPlace::visits).reversed());
    return places;
  }

  /** Returns the paths that are taken from a hot place. */
  PathTree tree(HotPlace place, PathTable table) {
    PathTree tree = new PathTree(place.address());
    int every = Math.max(1, place.visits() / PATHS_MAX);
    int seen = 0;
    for (int i = 0; i < used - 1; i++) {
      if (targets[i] == place.address() && seen++ % every == 0) {
        follow(tree, i + 1, table);
      }
    }
    tree.prune();
    return tree;
  }

  private void follow(PathTree tree, int first, PathTable table) {
    tree.start();
    for (int i = first; i < used && tree.goesOn(); i++) {
      int last = table.length(paths[i]) - 1;
      for (int branch = 0; branch <= last && tree.goesOn(); branch++) {
        long to = branch == last ? targets[i] : table.to(paths[i], branch);
        tree.follow(table.from(paths[i], branch), to);
      }
    }
  }
}
