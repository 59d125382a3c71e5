package dev.bts.accounting.operations;

import java.util.SortedMap;

/**
 * Executes one sequence of operations, on a model or on real processes, from a start without any
 * process. Closing it ends every process and removes every segment of the sequence.
 *
 * <p>Names of counters are the same everywhere: {@code p0.VmSize}, {@code p0.VmLck} and {@code
 * p0.VmPin} of each live process or thread, in pages; {@code u0.SHM_LOCK} and {@code u0.perf} of
 * each user.
 */
public interface OperationExecutor extends AutoCloseable {
  /** The result of an operation that was not refused. */
  String OK = "ok";

  /**
   * Executes an operation that is applicable.
   *
   * @return {@link #OK} or the name of the errno
   */
  String execute(Operation operation);

  /**
   * Reads every counter.
   *
   * @param guess what they may be; measuring is faster where it is right, and no less exact where
   *     it is wrong
   */
  SortedMap<String, Long> counters(SortedMap<String, Long> guess);

  @Override
  void close();
}
