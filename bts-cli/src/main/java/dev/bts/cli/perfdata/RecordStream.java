package dev.bts.cli.perfdata;

import dev.bts.api.Fidelity;
import dev.bts.api.Mechanism;
import dev.bts.api.record.Bts24;
import dev.bts.kernel.perf.PerfEventAttr;
import dev.bts.kernel.perf.PerfRecord;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The records of a file as they come: describes, decompresses, orders, and hands over. */
final class RecordStream implements RecordSplitter.Handler, RecordQueue.Consumer, AutoCloseable {
  /** Records kept for the sake of their order; a round is as large as all rings together. */
  private static final int QUEUE_BYTES_MAX = 1 << 28;

  /** A part of AUX data that is ordered as one, a multiple of a record and of 8. */
  private static final int AUX_PART_BYTES = 40_000 * Bts24.RECORD_BYTES;

  /** Damaged records told one by one. */
  private static final int DAMAGE_MAX = 16;

  private final EventTable events;
  private final FileFeatures features;
  private final PerfDataSink sink;
  private final Instant modified;
  private final RecordQueue queue = new RecordQueue(QUEUE_BYTES_MAX, this);
  private final SideRecords side;
  private final List<String> damage = new ArrayList<>();
  private final ByteBuffer auxHeader =
      ByteBuffer.allocate(ToolRecord.AUXTRACE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final PerfRecordView auxView = new PerfRecordView();

  private @Nullable BranchRecords branches;
  private @Nullable CompressedRecords compressed;
  private @Nullable BtsClock btsClock;
  private long auxTime;
  private int auxPartLeft;
  private boolean inAux;
  private boolean snapshots;
  private long skipped;
  private long firstNanos;

  RecordStream(EventTable events, FileFeatures features, PerfDataSink sink, Instant modified) {
    this.events = events;
    this.features = features;
    this.sink = sink;
    this.modified = modified;
    side = new SideRecords(sink, features);
  }

  @Override
  public void record(PerfRecordView record) {
    inAux = false;
    try {
      if (record.type() < ToolRecord.FIRST) {
        long time = events.format(record).time(record);
        // What perf makes up of processes that ran before has no time: it stays where it stands.
        queue.add(time == 0 || time == -1 ? Math.max(0, queue.newest()) : time, record);
      } else {
        toolRecord(record);
      }
    } catch (DamagedDataException e) {
      skip(e);
    }
  }

  private void toolRecord(PerfRecordView record) throws DamagedDataException {
    switch (record.type()) {
      case ToolRecord.HEADER_ATTR -> describe(record);
      case ToolRecord.HEADER_FEATURE -> feature(record);
      case ToolRecord.BUILD_ID -> features.addBuildId(record);
      case ToolRecord.FINISHED_ROUND -> queue.endRound();
      case ToolRecord.AUXTRACE_INFO -> auxInfo(record);
      case ToolRecord.AUXTRACE -> beginAux(record);
      case ToolRecord.COMPRESSED -> decompress(record);
      default -> {}
    }
  }

  @Override
  public void payload(ByteBuffer bytes, int offset, int length) {
    if (!inAux) {
      return;
    }
    int at = offset;
    int end = offset + length;
    while (at < end) {
      if (auxPartLeft == 0) {
        queue.begin(auxTime, ToolRecord.AUXTRACE_BYTES + AUX_PART_BYTES);
        queue.append(auxHeader, 0, ToolRecord.AUXTRACE_BYTES);
        auxPartLeft = AUX_PART_BYTES;
      }
      int part = Math.min(auxPartLeft, end - at);
      queue.append(bytes, at, part);
      auxPartLeft -= part;
      at += part;
    }
  }

  @Override
  public void ordered(PerfRecordView record, long time) {
    try {
      BranchRecords converter = branches;
      if (converter == null) {
        firstNanos = queue.oldest();
        converter = begin(record);
        branches = converter;
      }
      long nanos = Math.max(time, firstNanos);
      if (record.type() == ToolRecord.AUXTRACE) {
        converter.auxData(record, nanos);
        return;
      }
      SampleFormat format = events.format(record);
      switch (record.type()) {
        case PerfRecord.SAMPLE -> converter.sample(record, format, nanos);
        case PerfRecord.AUX -> converter.aux(record, format, nanos);
        default -> side.take(record, format, nanos);
      }
    } catch (DamagedDataException e) {
      skip(e);
    }
  }

  private void requireBranches() {
    if (!events.hasBranchStacks() && btsClock == null) {
      throw new UnreadableDataException(
          "it has neither branch stacks nor BTS data",
          "record with 'perf record -b' or 'perf record -e intel_bts//u'");
    }
  }

  /** Takes notice of something that could not be read. */
  void damaged(String what) {
    damage.add(what);
  }

  /** Hands over what is left, and tells what there was. */
  PerfDataSummary finish() {
    queue.finish();
    if (branches == null && damage.isEmpty()) {
      requireBranches();
    }
    if (compressed != null && compressed.unfinished() > 0) {
      damaged("the compressed records end within a record");
    }
    if (queue.outOfOrder()) {
      damaged(
          "more than "
              + (QUEUE_BYTES_MAX >> 20)
              + " MiB had to be put in order at once; some records are not in the order of their"
              + " times");
    }
    if (skipped > DAMAGE_MAX) {
      damaged(skipped - DAMAGE_MAX + " more records are damaged");
    }
    BranchRecords converter = branches;
    return converter == null
        ? new PerfDataSummary(Fidelity.NOTHING, 0, 0, damage)
        : new PerfDataSummary(
            converter.fidelity(), converter.branches(), converter.samples(), damage);
  }

  @Override
  public void close() {
    if (compressed != null) {
      compressed.close();
    }
  }

  /** One record is passed over; those around it are whole. */
  private void skip(DamagedDataException e) {
    skipped++;
    if (skipped <= DAMAGE_MAX) {
      damaged(String.valueOf(e.getMessage()));
    }
  }

  private BranchRecords begin(PerfRecordView record) throws DamagedDataException {
    requireBranches();
    boolean bts = btsClock != null;
    int pid = record.size() >= PerfRecord.PID_OFFSET + Integer.BYTES ? firstPid(record) : 0;
    sink.begin(
        new PerfDataOrigin(
            bts ? Mechanism.INTEL_BTS : Mechanism.LBR,
            features.machine(),
            features.command(),
            Math.max(0, pid),
            modified,
            firstNanos));
    return new BranchRecords(side, sink, bts, snapshots);
  }

  private int firstPid(PerfRecordView record) throws DamagedDataException {
    return switch (record.type()) {
      case PerfRecord.SAMPLE -> events.format(record).pid(record);
      case PerfRecord.COMM, PerfRecord.FORK, PerfRecord.MMAP, PerfRecord.MMAP2 ->
          record.u32(PerfRecord.PID_OFFSET);
      default -> 0;
    };
  }

  private void describe(PerfRecordView record) throws DamagedDataException {
    record.check(PerfRecord.HEADER_BYTES, PerfEventAttr.BYTES_VER0);
    int at = record.offset() + PerfRecord.HEADER_BYTES;
    int known = record.bytes().getInt(at + PerfEventAttr.SIZE_OFFSET);
    record.check(PerfRecord.HEADER_BYTES, known);
    int idsAt = PerfRecord.HEADER_BYTES + known;
    ByteBuffer ids = record.bytes().slice(record.offset() + idsAt, record.size() - idsAt);
    events.add(record.bytes(), at, known, ids.order(ByteOrder.LITTLE_ENDIAN));
  }

  private void feature(PerfRecordView record) throws DamagedDataException {
    long id = record.u64(ToolRecord.FEATURE_ID_OFFSET);
    ByteBuffer content =
        record
            .bytes()
            .slice(
                record.offset() + ToolRecord.FEATURE_DATA_OFFSET,
                record.size() - ToolRecord.FEATURE_DATA_OFFSET);
    if (id >= 0 && id < PerfFileLayout.FEATURE_BITS) {
      features.read((int) id, content.order(ByteOrder.LITTLE_ENDIAN));
    }
  }

  private void auxInfo(PerfRecordView record) throws DamagedDataException {
    int type = record.u32(ToolRecord.AUXTRACE_INFO_TYPE_OFFSET);
    if (type != ToolRecord.AUXTRACE_TYPE_INTEL_BTS) {
      throw new UnreadableDataException(
          type == ToolRecord.AUXTRACE_TYPE_INTEL_PT
              ? "its branches are in Intel PT data, which takes the program's code to decode"
              : "its AUX data is of type " + type + ", and bts knows intel_bts (2)",
          "let perf decode it: 'perf inject --itrace=i100usLe -i FILE -o STACKS' makes branch stacks"
              + " of it; import STACKS");
    }
    btsClock = BtsClock.read(record);
    snapshots = record.u64(ToolRecord.BTS_SNAPSHOT_MODE_OFFSET) != 0;
  }

  private void beginAux(PerfRecordView record) throws DamagedDataException {
    BtsClock clock = btsClock;
    if (clock == null) {
      return;
    }
    record.check(0, ToolRecord.AUXTRACE_BYTES);
    inAux = true;
    auxHeader.put(0, record.bytes(), record.offset(), ToolRecord.AUXTRACE_BYTES);
    auxView.wrap(auxHeader, 0, ToolRecord.AUXTRACE_BYTES);
    auxTime =
        clock.nanos(auxView.u64(ToolRecord.AUXTRACE_REFERENCE_OFFSET), Math.max(0, queue.newest()));
    auxPartLeft = 0;
    long size = auxView.u64(ToolRecord.AUXTRACE_SIZE_OFFSET);
    if (size % Bts24.RECORD_BYTES != 0) {
      skip(
          new DamagedDataException(
              "AUX data of " + size + " bytes ends within a record of " + Bts24.RECORD_BYTES));
    }
  }

  private void decompress(PerfRecordView record) throws DamagedDataException {
    CompressedRecords stream = compressed;
    if (stream == null) {
      stream = new CompressedRecords(new Inside());
      compressed = stream;
    }
    stream.add(record);
  }

  /** What is in COMPRESSED records. perf puts neither these nor AUX data into them. */
  private final class Inside implements RecordSplitter.Handler {
    @Override
    public void record(PerfRecordView record) throws DamagedDataException {
      if (record.type() == ToolRecord.COMPRESSED || record.type() == ToolRecord.AUXTRACE) {
        skip(
            new DamagedDataException(
                "a record of type "
                    + record.type()
                    + " is in a compressed one, where none can be"));
      } else {
        RecordStream.this.record(record);
      }
    }

    @Override
    public void payload(ByteBuffer bytes, int offset, int length) {
      // What follows AUXTRACE, which was refused, or TRACING_DATA, which tells nothing of branches.
    }
  }
}
