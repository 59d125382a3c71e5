package dev.bts.kernel.software;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The jumps to each address of the program, whether they lead to a translation or out. */
final class Links {
  private record Link(CodeArena arena, TreeEnds.Way way) {
    void leadTo(long translation) {
      if (arena.reaches(translation)) {
        arena.link(way.displacementAt(), translation);
      }
    }
  }

  private final Map<Long, List<Link>> links = new HashMap<>();

  /**
   * Adds a jump, which leads out, and leads it to a translation of its target that it reaches.
   *
   * @param translation of its target, 0 if there is none
   */
  void add(CodeArena arena, TreeEnds.Way way, long translation) {
    Link link = new Link(arena, way);
    links.computeIfAbsent(way.target(), none -> new ArrayList<>()).add(link);
    if (translation != 0) {
      link.leadTo(translation);
    }
  }

  /** Leads the jumps to an address to a translation of it, those that reach it. */
  void leadTo(long address, long translation) {
    for (Link link : links.getOrDefault(address, List.of())) {
      link.leadTo(translation);
    }
  }

  /** Leads the jumps to an address out again. */
  void leadOut(long address) {
    for (Link link : links.getOrDefault(address, List.of())) {
      link.leadTo(link.way().exit());
    }
  }

  void clear() {
    links.clear();
  }
}
