package dev.bts.cli.perfdata;

import dev.bts.kernel.perf.BranchEntry;
import dev.bts.kernel.perf.PerfEventAttr;
import dev.bts.kernel.perf.PerfRecord;
import dev.bts.kernel.perf.SampleType;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Where the parts of an event's samples stand, and those at the end of its other records. */
final class SampleFormat {
  private static final int ABSENT = -1;

  /** Entries of one stack at most; no hardware has more than some dozens. */
  private static final int ENTRIES_MAX = PerfRecord.BYTES_MAX / BranchEntry.BYTES;

  private static final long[] FIXED_PARTS = {
    SampleType.IDENTIFIER,
    SampleType.IP,
    SampleType.TID,
    SampleType.TIME,
    SampleType.ADDR,
    SampleType.ID,
    SampleType.STREAM_ID,
    SampleType.CPU,
    SampleType.PERIOD
  };

  /** The parts at the end of other records, the last first. */
  private static final long[] PARTS_FROM_THE_END = {
    SampleType.IDENTIFIER,
    SampleType.CPU,
    SampleType.STREAM_ID,
    SampleType.ID,
    SampleType.TIME,
    SampleType.TID
  };

  private final long sampleType;
  private final long readFormat;
  private final long branchSampleType;
  private final boolean idAll;
  private final int ip;
  private final int tid;
  private final int time;
  private final int variable;
  private final int timeFromEnd;
  private final int tidFromEnd;
  private final int cpuFromEnd;

  /** Reads the fields of a struct perf_event_attr of {@code length} bytes, however old. */
  SampleFormat(ByteBuffer attr, int offset, int length) {
    sampleType = field(attr, offset, length, PerfEventAttr.SAMPLE_TYPE_OFFSET);
    readFormat = field(attr, offset, length, PerfEventAttr.READ_FORMAT_OFFSET);
    branchSampleType = field(attr, offset, length, PerfEventAttr.BRANCH_SAMPLE_TYPE_OFFSET);
    idAll =
        (field(attr, offset, length, PerfEventAttr.FLAGS_OFFSET) & PerfEventAttr.FLAG_SAMPLE_ID_ALL)
            != 0;
    ip = place(SampleType.IP);
    tid = place(SampleType.TID);
    time = place(SampleType.TIME);
    variable = PerfRecord.HEADER_BYTES + Long.BYTES * Long.bitCount(sampleType & all(FIXED_PARTS));
    timeFromEnd = placeFromEnd(SampleType.TIME);
    tidFromEnd = placeFromEnd(SampleType.TID);
    cpuFromEnd = placeFromEnd(SampleType.CPU);
  }

  private static long field(ByteBuffer attr, int offset, int length, int at) {
    return at + Long.BYTES <= length ? attr.getLong(offset + at) : 0;
  }

  boolean hasBranchStack() {
    return (sampleType & SampleType.BRANCH_STACK) != 0;
  }

  /** Returns whether the two read the same out of every record. */
  boolean isLike(SampleFormat other) {
    return sampleType == other.sampleType
        && readFormat == other.readFormat
        && branchSampleType == other.branchSampleType
        && idAll == other.idAll;
  }

  /** Returns whether every record has the id of its event at a place known without the event. */
  boolean hasIdentifier() {
    return (sampleType & SampleType.IDENTIFIER) != 0;
  }

  /** Returns when a record was written; 0 if it does not tell. */
  long time(PerfRecordView record) throws DamagedDataException {
    if (record.type() == PerfRecord.SAMPLE) {
      return time == ABSENT ? 0 : record.u64(time);
    }
    return timeFromEnd == ABSENT ? 0 : record.u64(record.size() - timeFromEnd);
  }

  /** Returns the process of a record; -1 if it does not tell. */
  int pid(PerfRecordView record) throws DamagedDataException {
    int at = tidPlace(record);
    return at == ABSENT ? -1 : record.u32(at);
  }

  /** Returns the thread of a record; -1 if it does not tell. */
  int tid(PerfRecordView record) throws DamagedDataException {
    int at = tidPlace(record);
    return at == ABSENT ? -1 : record.u32(at + Integer.BYTES);
  }

  /** Returns the CPU of a record that is no sample; -1 if it does not tell. */
  int cpu(PerfRecordView record) throws DamagedDataException {
    return cpuFromEnd == ABSENT ? -1 : record.u32(record.size() - cpuFromEnd);
  }

  /** Returns the instruction pointer of a sample; 0 if it does not tell. */
  long address(PerfRecordView sample) throws DamagedDataException {
    return ip == ABSENT ? 0 : sample.u64(ip);
  }

  /** Returns where the branch stack of a sample begins, with its count of entries. */
  int branchStack(PerfRecordView sample) throws DamagedDataException {
    int at = variable;
    if ((sampleType & SampleType.READ) != 0) {
      at += readBytes(sample, at);
    }
    if ((sampleType & SampleType.CALLCHAIN) != 0) {
      at += Long.BYTES * (1 + count(sample, at, PerfRecord.BYTES_MAX / Long.BYTES));
    }
    if ((sampleType & SampleType.RAW) != 0) {
      int length = sample.u32(at);
      sample.check(at + Integer.BYTES, length);
      at += Integer.BYTES + length;
    }
    return at;
  }

  /** Returns how many entries the stack has that begins at a place. */
  int branchCount(PerfRecordView sample, int stack) throws DamagedDataException {
    return count(sample, stack, ENTRIES_MAX);
  }

  /** Returns where the entries of the stack begin that begins at a place. */
  int branchEntries(int stack) {
    return stack
        + Long.BYTES
        + ((branchSampleType & SampleType.BRANCH_HW_INDEX) == 0 ? 0 : Long.BYTES);
  }

  /** Returns the id of the event of a record with an identifier. */
  static long identifier(PerfRecordView record) throws DamagedDataException {
    return record.u64(
        record.type() == PerfRecord.SAMPLE ? PerfRecord.HEADER_BYTES : record.size() - Long.BYTES);
  }

  private int tidPlace(PerfRecordView record) {
    if (record.type() == PerfRecord.SAMPLE) {
      return tid;
    }
    return tidFromEnd == ABSENT ? ABSENT : record.size() - tidFromEnd;
  }

  private int readBytes(PerfRecordView sample, int at) throws DamagedDataException {
    int times =
        Long.bitCount(
            readFormat
                & (PerfEventAttr.READ_FORMAT_TIME_ENABLED
                    | PerfEventAttr.READ_FORMAT_TIME_RUNNING));
    int perValue =
        1
            + Long.bitCount(
                readFormat & (PerfEventAttr.READ_FORMAT_ID | PerfEventAttr.READ_FORMAT_LOST));
    if ((readFormat & PerfEventAttr.READ_FORMAT_GROUP) == 0) {
      return Long.BYTES * (times + perValue);
    }
    int values = count(sample, at, PerfRecord.BYTES_MAX / Long.BYTES);
    return Long.BYTES * (1 + times + values * perValue);
  }

  private static int count(PerfRecordView sample, int at, int max) throws DamagedDataException {
    long count = sample.u64(at);
    if (count < 0 || count > max) {
      throw new DamagedDataException(
          "a sample says that it has " + Long.toUnsignedString(count) + " entries");
    }
    return (int) count;
  }

  private int place(long part) {
    if ((sampleType & part) == 0) {
      return ABSENT;
    }
    int at = PerfRecord.HEADER_BYTES;
    for (long before : FIXED_PARTS) {
      if (before == part) {
        break;
      }
      at += (sampleType & before) == 0 ? 0 : Long.BYTES;
    }
    return at;
  }

  private int placeFromEnd(long part) {
    if (!idAll || (sampleType & part) == 0) {
      return ABSENT;
    }
    int distance = Long.BYTES;
    for (long behind : PARTS_FROM_THE_END) {
      if (behind == part) {
        break;
      }
      distance += (sampleType & behind) == 0 ? 0 : Long.BYTES;
    }
    return distance;
  }

  private static long all(long[] parts) {
    return Arrays.stream(parts).reduce(0, (a, b) -> a | b);
  }
}
