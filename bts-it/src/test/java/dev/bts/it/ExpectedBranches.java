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
  private final long vdsoStart;
  private final long vdsoEnd;
  private final CountDownLatch ended = new CountDownLatch(1);
  private long compared;
  private String difference = "";

  ExpectedBranches(BufferedReader expected, long vdsoStart, long vdsoEnd) {
    this.expected = expected;
    this.vdsoStart = vdsoStart;
    this.vdsoEnd = vdsoEnd;
  }

  @Override
  public void branches(BranchCursor cursor) {
    while (ended.getCount() > 0 && cursor.next()) {
      if (!isInVdso(cursor.from()) && !isInVdso(cursor.to())) {
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
      ended.countDown();
    } else if (line.equals(branch)) {
      compared++;
    } else {
      difference = "branch " + compared + " should be " + line + " and is " + branch;
      ended.countDown();
    }
  }

  private boolean isInVdso(long address) {
    return Long.compareUnsigned(address, vdsoStart) >= 0
        && Long.compareUnsigned(address, vdsoEnd) < 0;
  }

  @Override
  public void event(SideEvent event) {
    // Only branches are compared.
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
