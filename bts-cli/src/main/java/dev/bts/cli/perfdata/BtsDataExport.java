package dev.bts.cli.perfdata;

import dev.bts.api.record.Bts24;
import dev.bts.cli.trace.TraceHeader;
import dev.bts.kernel.perf.PerfEventAttr;
import dev.bts.kernel.perf.PerfRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * A trace as if {@code perf record -e intel_bts//u --per-thread} had made it: the branches of each
 * thread as BTS data, which perf turns into samples with {@code --itrace=b}.
 */
public final class BtsDataExport extends PerfDataExport {
  /** 1 MiB for each thread, 96 MiB for all. */
  private static final int RECORDS_PER_THREAD = (1 << 20) / Bts24.RECORD_BYTES;

  private static final int RECORDS_MAX = 1 << 22;

  /** PMUs have their numbers from the running kernel; what counts is that it is one number. */
  private static final int PMU_TYPE = 8;

  private static final int INDEX_ENTRY_BYTES = 16;

  private static final ByteBuffer NO_RECORD = ByteBuffer.allocate(Bts24.RECORD_BYTES);

  private final Map<Integer, Integer> queueOfTid = new HashMap<>();
  private ByteBuffer index = ByteBuffer.allocate(1 << 12).order(ByteOrder.LITTLE_ENDIAN);

  private BtsDataExport(PerfDataWriter writer, TraceHeader header) {
    super(writer, header, RECORDS_PER_THREAD, RECORDS_MAX);
    writer.attr(PerfEventAttr.TYPE_OFFSET, PMU_TYPE);
    writer
        .begin(ToolRecord.AUXTRACE_INFO, 0)
        .putInt(ToolRecord.AUXTRACE_TYPE_INTEL_BTS)
        .putInt(0)
        .putLong(PMU_TYPE)
        .putLong(0) // The clock is that of the records: shift 0,
        .putLong(1) // times 1,
        .putLong(0) // plus 0,
        .putLong(1) // and this is known.
        .putLong(0); // No snapshots.
    writer.end();
  }

  /** Opens a file for the export. */
  public static BtsDataExport create(Path path, TraceHeader header) throws IOException {
    return new BtsDataExport(new PerfDataWriter(openFile(path)), header);
  }

  static FileChannel openFile(Path path) throws IOException {
    return FileChannel.open(
        path,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE);
  }

  @Override
  long sampleParts() {
    return 0;
  }

  @Override
  void branches(int tid, ByteBuffer records) {
    // perf's decoder does not look at the last record of a buffer.
    int bytes = records.remaining() + Bts24.RECORD_BYTES;
    int queue = queueOfTid.computeIfAbsent(tid, t -> queueOfTid.size());
    addToIndex(writer().position());
    writer()
        .begin(ToolRecord.AUXTRACE, 0)
        .putLong(bytes)
        .putLong(0)
        .putLong(tick())
        .putInt(queue)
        .putInt(tid)
        .putInt(-1)
        .putInt(0);
    writer().end();
    writer().payload(records);
    writer().payload(NO_RECORD.duplicate());
    writer().begin(PerfRecord.AUX, 0).putLong(0).putLong(bytes).putLong(0);
    end(pid(tid), tid);
  }

  @Override
  public void finish() {
    flushBranches();
    ByteBuffer content =
        ByteBuffer.allocate(Long.BYTES + index.position()).order(ByteOrder.LITTLE_ENDIAN);
    content.putLong(index.position() / INDEX_ENTRY_BYTES).put(index.flip());
    byte[] bytes = new byte[content.capacity()];
    content.get(0, bytes);
    writer().feature(PerfFileLayout.FEATURE_AUXTRACE, bytes);
    super.finish();
  }

  /** Each entry is the place and the size of an AUXTRACE record, without its data. */
  private void addToIndex(long position) {
    if (index.remaining() < INDEX_ENTRY_BYTES) {
      index =
          ByteBuffer.allocate(2 * index.capacity())
              .order(ByteOrder.LITTLE_ENDIAN)
              .put(index.flip());
    }
    index.putLong(position).putLong(ToolRecord.AUXTRACE_BYTES);
  }
}
