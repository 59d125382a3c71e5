package dev.bts.kernel.software;

/** Takes branches, in the order in which a thread took them. */
@FunctionalInterface
public interface BranchSink {
  /**
   * Takes some.
   *
   * @param records records as longs, one after another, as {@link dev.bts.api.record.Bts24} says;
   *     only valid during the call
   */
  void branched(long[] records, int count);
}
