package dev.bts.cli.perfdata;

import dev.bts.kernel.perf.PerfEventAttr;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The events of a file, and which of them a record belongs to. */
final class EventTable {
  private static final int IDS_MAX = 1 << 20;

  private final Map<Long, SampleFormat> byId = new HashMap<>();
  private @Nullable SampleFormat first;
  private boolean alike = true;
  private boolean identified = true;
  private boolean branchStacks;

  /**
   * Adds the event of a struct perf_event_attr.
   *
   * @param ids a little-endian buffer with its ids, 8 bytes each
   */
  void add(ByteBuffer attr, int offset, int length, ByteBuffer ids) throws DamagedDataException {
    if (length < PerfEventAttr.BYTES_VER0 || length > PerfEventAttr.BYTES_MAX) {
      throw new DamagedDataException("the description of an event has " + length + " bytes");
    }
    int own = attr.getInt(offset + PerfEventAttr.SIZE_OFFSET);
    // Zero stands for the first version, as in the kernel.
    int known = own == 0 ? PerfEventAttr.BYTES_VER0 : own;
    if (known < PerfEventAttr.BYTES_VER0 || known > length) {
      throw new DamagedDataException(
          "the description of an event says that it has " + own + " of its " + length + " bytes");
    }
    SampleFormat format = new SampleFormat(attr, offset, known);
    branchStacks |= format.hasBranchStack();
    identified &= format.hasIdentifier();
    if (first == null) {
      first = format;
    }
    alike &= first.isLike(format);
    while (ids.remaining() >= Long.BYTES && byId.size() < IDS_MAX) {
      byId.put(ids.getLong(), format);
    }
  }

  /** Returns whether samples of some event have branch stacks. */
  boolean hasBranchStacks() {
    return branchStacks;
  }

  /** Returns how a record of the kernel is to be read. */
  SampleFormat format(PerfRecordView record) throws DamagedDataException {
    if (first == null) {
      throw new DamagedDataException("there are records before the description of an event");
    }
    if (alike) {
      return first;
    }
    if (!identified) {
      throw new DamagedDataException(
          "its events have samples of different forms, and no identifier tells which is which");
    }
    // Records that perf made up have the id 0.
    long id = SampleFormat.identifier(record);
    SampleFormat format = id == 0 ? first : byId.get(id);
    if (format == null) {
      throw new DamagedDataException(
          "a record has the id " + Long.toUnsignedString(id) + ", which no event has");
    }
    return format;
  }
}
