package dev.bts.cli.perfdata;

import dev.bts.kernel.perf.PerfRecord;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Cuts a stream of bytes, which comes in pieces of any size, into records and what follows some of
 * them: AUXTRACE and TRACING_DATA stand before as many bytes as they say.
 */
final class RecordSplitter {
  private static final int PAYLOAD_ALIGNMENT = 8;

  private final Handler handler;

  /** A record of which the last piece had the beginning only. */
  private final ByteBuffer begun =
      ByteBuffer.allocate(PerfRecord.BYTES_MAX).order(ByteOrder.LITTLE_ENDIAN);

  private final PerfRecordView view = new PerfRecordView();
  private long payloadLeft;

  RecordSplitter(Handler handler) {
    this.handler = handler;
  }

  /** Who takes the parts; the buffers are little endian, and valid during the call only. */
  interface Handler {
    /** Takes a record. */
    void record(PerfRecordView record) throws DamagedDataException;

    /** Takes a part of what follows the record that came last. */
    void payload(ByteBuffer bytes, int offset, int length) throws DamagedDataException;
  }

  /**
   * Takes all that remains in a little-endian buffer.
   *
   * @throws DamagedDataException if a record has an impossible size; what follows cannot be found
   */
  void feed(ByteBuffer piece) throws DamagedDataException {
    while (piece.hasRemaining()) {
      if (payloadLeft > 0) {
        int length = (int) Math.min(payloadLeft, piece.remaining());
        int at = piece.position();
        piece.position(at + length);
        payloadLeft -= length;
        handler.payload(piece, at, length);
      } else if (begun.position() > 0) {
        complete(piece);
      } else if (piece.remaining() < PerfRecord.HEADER_BYTES
          || piece.remaining() < size(piece, piece.position())) {
        begun.put(piece);
      } else {
        int at = piece.position();
        int size = size(piece, at);
        piece.position(at + size);
        deliver(piece, at, size);
      }
    }
  }

  /** Returns how many bytes of an unfinished record, or missing behind one, there are. */
  long unfinished() {
    return begun.position() + payloadLeft;
  }

  private void complete(ByteBuffer piece) throws DamagedDataException {
    move(piece, PerfRecord.HEADER_BYTES - begun.position());
    if (begun.position() < PerfRecord.HEADER_BYTES) {
      return;
    }
    int size = size(begun, 0);
    move(piece, size - begun.position());
    if (begun.position() == size) {
      begun.clear();
      deliver(begun, 0, size);
    }
  }

  private void move(ByteBuffer piece, int wanted) {
    int length = Math.max(0, Math.min(wanted, piece.remaining()));
    begun.put(begun.position(), piece, piece.position(), length);
    begun.position(begun.position() + length);
    piece.position(piece.position() + length);
  }

  private void deliver(ByteBuffer bytes, int at, int size) throws DamagedDataException {
    view.wrap(bytes, at, size);
    if (view.type() == ToolRecord.AUXTRACE) {
      payloadLeft = view.u64(ToolRecord.AUXTRACE_SIZE_OFFSET);
    } else if (view.type() == ToolRecord.TRACING_DATA) {
      long length = Integer.toUnsignedLong(view.u32(ToolRecord.TRACING_DATA_SIZE_OFFSET));
      payloadLeft = (length + PAYLOAD_ALIGNMENT - 1) & -PAYLOAD_ALIGNMENT;
    }
    if (payloadLeft < 0) {
      throw new DamagedDataException(
          "a record says that " + Long.toUnsignedString(payloadLeft) + " bytes follow it");
    }
    handler.record(view);
  }

  private static int size(ByteBuffer bytes, int at) throws DamagedDataException {
    int size = Short.toUnsignedInt(bytes.getShort(at + PerfRecord.SIZE_OFFSET));
    if (size < PerfRecord.HEADER_BYTES) {
      throw new DamagedDataException(
          "a record has a size of " + size + " bytes, less than its header");
    }
    return size;
  }
}
