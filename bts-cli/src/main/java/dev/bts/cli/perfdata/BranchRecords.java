package dev.bts.cli.perfdata;

import dev.bts.api.Fidelity;
import dev.bts.api.record.Bts24;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;
import dev.bts.kernel.perf.BranchEntry;
import dev.bts.kernel.perf.BranchStackCursor;
import dev.bts.kernel.perf.BtsCursor;
import dev.bts.kernel.perf.PerfRecord;
import java.nio.ByteBuffer;

/** Makes branches of branch stacks and BTS data. */
final class BranchRecords {
  private final SideRecords side;
  private final TraceSink sink;
  private final boolean bts;
  private final BranchStackCursor stack = new BranchStackCursor();
  private final BtsCursor records = new BtsCursor();
  private long branches;
  private long samples;
  private boolean windowed;

  /**
   * Creates one that has seen nothing.
   *
   * @param bts whether the branches are in the AUX data, and not in samples
   * @param windowed whether the AUX data are snapshots, which have the newest branches only
   */
  BranchRecords(SideRecords side, TraceSink sink, boolean bts, boolean windowed) {
    this.side = side;
    this.sink = sink;
    this.bts = bts;
    this.windowed = windowed;
  }

  long branches() {
    return branches;
  }

  long samples() {
    return samples;
  }

  Fidelity fidelity() {
    if (!bts) {
      return Fidelity.SAMPLED;
    }
    return windowed ? Fidelity.WINDOWED : Fidelity.COMPLETE;
  }

  /** Takes a sample. */
  void sample(PerfRecordView sample, SampleFormat format, long time) throws DamagedDataException {
    if (bts || !format.hasBranchStack()) {
      return;
    }
    int begin = format.branchStack(sample);
    int count = format.branchCount(sample, begin);
    int entries = format.branchEntries(begin);
    sample.check(entries, count * BranchEntry.BYTES);
    int tid = format.tid(sample);
    side.ensureKnown(format.pid(sample), tid, time);
    sink.event(new SideEvent.Sampled(tid, time, format.address(sample)));
    samples++;
    branches += count;
    if (count > 0) {
      stack.reset(sample.bytes(), sample.offset() + entries, count, tid);
      sink.branches(stack);
    }
  }

  /** Takes the note that data was added to an AUX area. */
  void aux(PerfRecordView record, SampleFormat format, long time) throws DamagedDataException {
    long flags = record.u64(PerfRecord.AUX_FLAGS_OFFSET);
    windowed |= (flags & PerfRecord.AUX_FLAG_OVERWRITE) != 0;
    if (bts && (flags & PerfRecord.AUX_FLAG_TRUNCATED) != 0) {
      sink.event(
          new SideEvent.Lost(
              format.tid(record), time, 1, "the AUX area was full; so many at least"));
    }
  }

  /** Takes an AUXTRACE record with a part of the data that follows it in the file. */
  void auxData(PerfRecordView record, long time) throws DamagedDataException {
    int tid = record.u32(ToolRecord.AUXTRACE_TID_OFFSET);
    if (tid == -1) {
      tid = side.tidOnCpu(record.u32(ToolRecord.AUXTRACE_CPU_OFFSET));
    }
    side.ensureKnown(side.pid(tid), tid, time);
    ByteBuffer bytes = record.bytes();
    int begin = record.offset() + ToolRecord.AUXTRACE_BYTES;
    int count = (record.size() - ToolRecord.AUXTRACE_BYTES) / Bts24.RECORD_BYTES;
    int end = begin + count * Bts24.RECORD_BYTES;
    int run = begin;
    // Records of zeros are none: perf passes them over, and some writers end a buffer with one.
    for (int at = begin; at < end; at += Bts24.RECORD_BYTES) {
      if ((bytes.getLong(at + Bts24.FROM_OFFSET) | bytes.getLong(at + Bts24.TO_OFFSET)) == 0) {
        deliver(bytes, run, at, tid);
        run = at + Bts24.RECORD_BYTES;
      }
    }
    deliver(bytes, run, end, tid);
  }

  private void deliver(ByteBuffer bytes, int begin, int end, int tid) {
    int count = (end - begin) / Bts24.RECORD_BYTES;
    if (count > 0) {
      branches += count;
      records.reset(bytes, begin, count, tid);
      sink.branches(records);
    }
  }
}
