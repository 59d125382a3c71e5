package dev.bts.kernel.software;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The jumps to each address of the program, whether they lead to a translation or out. */
final class Links {
  private record Link(CodeArena arena, TreeEnds.Way way) {
    void leadTo(long translation) {
      if (arena.reaches(translation)) {
        arena.link(way.displacementAt(), translation);
      }
    }
  }

  /** Sets, because translations of written code come and go, and their jumps with them. */
  private final Map<Long, Set<Link>> byTarget = new HashMap<>();

  private final Map<Long, List<Link>> bySource = new HashMap<>();

  /**
   * Adds a jump, which leads out, and leads it to a translation of its target that it reaches.
   *
   * @param source the address whose translation the jump is in
   * @param translation of its target, 0 if there is none
   */
  void add(long source, CodeArena arena, TreeEnds.Way way, long translation) {
    Link link = new Link(arena, way);
    byTarget.computeIfAbsent(way.target(), none -> new HashSet<>()).add(link);
    bySource.computeIfAbsent(source, none -> new ArrayList<>()).add(link);
    if (translation != 0) {
      link.leadTo(translation);
    }
  }

  /** Leads the jumps to an address to a translation of it, those that reach it. */
  void leadTo(long address, long translation) {
    for (Link link : byTarget.getOrDefault(address, Set.of())) {
      link.leadTo(translation);
    }
  }

  /** Leads the jumps to an address out again, and forgets those in its own translations. */
  void forget(long address) {
    List<Link> own = bySource.remove(address);
    for (Link link : own == null ? List.<Link>of() : own) {
      byTarget.computeIfPresent(
          link.way().target(),
          (target, jumps) -> {
            jumps.remove(link);
            return jumps.isEmpty() ? null : jumps;
          });
    }
    for (Link link : byTarget.getOrDefault(address, Set.of())) {
      link.leadTo(link.way().exit());
    }
  }

  void clear() {
    byTarget.clear();
    bySource.clear();
  }
}
