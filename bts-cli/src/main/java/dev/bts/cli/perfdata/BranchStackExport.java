package dev.bts.cli.perfdata;

import dev.bts.api.record.Bts24;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.trace.TraceHeader;
import dev.bts.kernel.perf.BranchEntry;
import dev.bts.kernel.perf.PerfEventAttr;
import dev.bts.kernel.perf.PerfRecord;
import dev.bts.kernel.perf.SampleType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A trace as if {@code perf record -e branches:u -b} had made it: samples with branch stacks. What
 * was sampled keeps its stacks; a complete trace is cut into stacks of as many branches as real
 * hardware has, none is left out and none comes twice.
 */
public final class BranchStackExport extends PerfDataExport {
  /** The depth of the LBR since Skylake. */
  static final int STACK_ENTRIES = 32;

  private static final int RECORDS_MAX = 1 << 20;

  /** Where threads were when they were sampled, until their stacks are written. */
  private final Map<Integer, Long> sampledAt = new HashMap<>();

  /** Whether the flags of the trace tell of predictions: software has none. */
  private final boolean predictionKnown;

  private BranchStackExport(PerfDataWriter writer, TraceHeader header) {
    super(writer, header, STACK_ENTRIES, RECORDS_MAX);
    predictionKnown = header.mechanism().recordsIntoPerfRing();
    writer
        .attr(PerfEventAttr.TYPE_OFFSET, PerfEventAttr.TYPE_HARDWARE)
        .attr(PerfEventAttr.CONFIG_OFFSET, PerfEventAttr.CONFIG_HARDWARE_BRANCHES)
        .attr(
            PerfEventAttr.BRANCH_SAMPLE_TYPE_OFFSET,
            SampleType.BRANCH_USER | SampleType.BRANCH_ANY);
    writer.feature(PerfFileLayout.FEATURE_BRANCH_STACK, new byte[0]);
  }

  /** Opens a file for the export. */
  public static BranchStackExport create(Path path, TraceHeader header) throws IOException {
    return new BranchStackExport(new PerfDataWriter(BtsDataExport.openFile(path)), header);
  }

  @Override
  long sampleParts() {
    return SampleType.PERIOD | SampleType.BRANCH_STACK;
  }

  @Override
  void sampled(SideEvent.Sampled sample) {
    writeEmpty(sample.tid());
    sampledAt.put(sample.tid(), sample.address());
  }

  @Override
  void flushBranches() {
    super.flushBranches();
    List.copyOf(sampledAt.keySet()).forEach(this::writeEmpty);
  }

  @Override
  void branches(int tid, ByteBuffer records) {
    int count = records.remaining() / Bts24.RECORD_BYTES;
    int newest = (count - 1) * Bts24.RECORD_BYTES;
    Long address = sampledAt.remove(tid);
    ByteBuffer sample =
        beginSample(tid, address == null ? records.getLong(newest + Bts24.TO_OFFSET) : address);
    sample.putLong(count).putLong(count);
    for (int at = newest; at >= 0; at -= Bts24.RECORD_BYTES) {
      boolean predicted = (records.getInt(at + Bts24.FLAGS_OFFSET) & Bts24.FLAG_PREDICTED) != 0;
      int prediction = predicted ? BranchEntry.FLAG_PREDICTED : BranchEntry.FLAG_MISPREDICTED;
      sample
          .putLong(records.getLong(at + Bts24.FROM_OFFSET))
          .putLong(records.getLong(at + Bts24.TO_OFFSET))
          .putLong(predictionKnown ? prediction : 0);
    }
    writer().end();
  }

  /** Writes the sample of a thread of which no branches came. */
  private void writeEmpty(int tid) {
    Long address = sampledAt.remove(tid);
    if (address != null) {
      beginSample(tid, address).putLong(1).putLong(0);
      writer().end();
    }
  }

  private ByteBuffer beginSample(int tid, long address) {
    return writer()
        .begin(PerfRecord.SAMPLE, PerfRecord.MISC_USER)
        .putLong(PerfDataWriter.EVENT_ID)
        .putLong(address)
        .putInt(pid(tid))
        .putInt(tid)
        .putLong(tick());
  }
}
