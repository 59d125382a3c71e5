package dev.bts.kernel.software;

/** Takes branches, in the order in which a thread took them. */
@FunctionalInterface
public interface BranchSink {
  /**
   * Takes some.
   *
   * @param pairs from and to of each, one after another; only valid during the call
   */
  void branched(long[] pairs, int count);
}
