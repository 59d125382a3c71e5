package dev.bts.api;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/** The backends on the class path or module path, found by ServiceLoader. */
public final class BranchTracers {
  private BranchTracers() {}

  /** Returns all backends that are present. */
  public static List<BranchTracer> all() {
    List<BranchTracer> tracers = new ArrayList<>();
    for (BranchTracer tracer : ServiceLoader.load(BranchTracer.class)) {
      tracers.add(tracer);
    }
    return tracers;
  }

  /**
   * Returns the backend of this name.
   *
   * @throws InvalidRequestException if it is not present
   */
  public static BranchTracer named(String name) {
    List<BranchTracer> tracers = all();
    for (BranchTracer tracer : tracers) {
      if (tracer.name().equals(name)) {
        return tracer;
      }
    }
    throw new InvalidRequestException(
        new Explanation(
            "backend '" + name + "'",
            "it is not among those found: " + tracers.stream().map(BranchTracer::name).toList(),
            "add bts-" + name + "-backend to the class path"));
  }
}
