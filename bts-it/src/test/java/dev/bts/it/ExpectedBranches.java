package dev.bts.it;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A sink that compares branches with a list of lines "from to" while they come, up to the first
 * difference or to the end of the list. Branches from or to the vDSO are passed over.
 */
final class ExpectedBranches implements TraceSink {
  private static final long TIMEOUT_MINUTES = 20;

  private final BufferedReader expected;
  private final GroundTruth truth;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile int tid;
  private long compared;
  private String difference = "";
  private String beyond = "";

  ExpectedBranches(BufferedReader expected, GroundTruth truth) {
    this.expected = expected;
    this.truth = truth;
  }

  /** Says whose branches are compared: the stepper follows one thread. Call before any come. */
  ExpectedBranches ofThread(int only) {
    tid = only;
    return this;
  }

  @Override
  public void branches(BranchCursor cursor) {
    while (ended.getCount() > 0 && cursor.next()) {
      boolean counts = tid == 0 || cursor.tid() == tid;
      if (counts && !truth.isInVdso(cursor.from()) && !truth.isInVdso(cursor.to())) {
        compare(Long.toHexString(cursor.from()) + " " + Long.toHexString(cursor.to()));
      }
    }
  }

  private void compare(String branch) {
    String line;
    try {
      line = expected.readLine();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (line == null) {
      beyond = branch;
      ended.countDown();
    } else if (line.equals(branch)) {
      compared++;
    } else {
      difference = "branch " + compared + " should be " + line + " and is " + branch;
      ended.countDown();
    }
  }

  @Override
  public void event(SideEvent event) {
    // Only branches are compared.
  }

  /**
   * Returns the first difference, the end of either list before the other's among them, or an empty
   * string. Call after the session has ended.
   */
  String differenceToTheEnd() throws IOException {
    if (!difference.isEmpty()) {
      return difference;
    }
    String missing = beyond.isEmpty() ? expected.readLine() : null;
    return missing != null
        ? "branch " + compared + " should be " + missing + " and is the end"
        : beyond.isEmpty() ? "" : "branch " + compared + " should be the end and is " + beyond;
  }

  /** Waits for the end of the list or the first difference. */
  void awaitEnd() throws InterruptedException {
    if (!ended.await(TIMEOUT_MINUTES, TimeUnit.MINUTES)) {
      throw new IllegalStateException("only " + compared + " branches came");
    }
  }

  /** Returns how many branches agreed. Call after the session has ended. */
  long compared() {
    return compared;
  }

  /** Returns the first difference, or an empty string. Call after the session has ended. */
  String difference() {
    return difference;
  }
}
