package dev.bts.it;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.Bts24;
import dev.bts.kernel.perf.BtsCursor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Measures how many 24-byte BTS records a second a {@link BtsCursor} decodes on one core: from, to,
 * flags and thread of each are looked at, in an area as large as a buffer of perf has by default.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class BtsCursorBenchmark {
  private static final int RECORDS = (1 << 18) / Bts24.RECORD_BYTES;

  /** Where the records lie: an AUX area is outside the heap. */
  @Param({"direct", "heap"})
  private String memory = "direct";

  private ByteBuffer area = ByteBuffer.allocate(0);
  private final BtsCursor cursor = new BtsCursor();

  /** Fills the area. */
  @Setup
  public void fill() {
    int bytes = RECORDS * Bts24.RECORD_BYTES;
    area =
        (memory.equals("direct") ? ByteBuffer.allocateDirect(bytes) : ByteBuffer.allocate(bytes))
            .order(ByteOrder.LITTLE_ENDIAN);
    Random random = new Random(1);
    while (area.hasRemaining()) {
      area.putLong(random.nextLong());
    }
  }

  /** Decodes all of it. */
  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public long decode() {
    cursor.reset(area, 0, RECORDS, 7);
    return sum(cursor);
  }

  private static long sum(BranchCursor records) {
    long sum = 0;
    while (records.next()) {
      sum += (records.from() ^ records.to()) + records.flags() + records.tid();
    }
    return sum;
  }
}
