package dev.bts.cli.perfdata;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.bts.kernel.perf.PerfRecord;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The records in COMPRESSED records, which {@code perf record -z} writes: one stream of Zstandard,
 * cut anywhere. Holds native memory until closed.
 */
final class CompressedRecords implements AutoCloseable {
  private final ZstdDecompressCtx stream = new ZstdDecompressCtx();
  private final ByteBuffer compressed = ByteBuffer.allocateDirect(PerfRecord.BYTES_MAX);
  private final ByteBuffer plain =
      ByteBuffer.allocateDirect(1 << 17).order(ByteOrder.LITTLE_ENDIAN);
  private final RecordSplitter splitter;
  private boolean broken;

  /** Hands the records over to a handler of their own. */
  CompressedRecords(RecordSplitter.Handler handler) {
    splitter = new RecordSplitter(handler);
  }

  /**
   * Takes a COMPRESSED record and hands over the records that are complete with it.
   *
   * @throws DamagedDataException if the stream is damaged here, or was before: what follows damage
   *     cannot be read
   */
  void add(PerfRecordView record) throws DamagedDataException {
    if (broken) {
      throw new DamagedDataException("a compressed record follows a damaged one");
    }
    broken = true;
    decompress(record);
    broken = false;
  }

  private void decompress(PerfRecordView record) throws DamagedDataException {
    int length = record.size() - PerfRecord.HEADER_BYTES;
    compressed.clear();
    compressed.put(0, record.bytes(), record.offset() + PerfRecord.HEADER_BYTES, length);
    compressed.limit(length);
    boolean more = true;
    while (more) {
      plain.clear();
      try {
        stream.decompressDirectByteBufferStream(plain, compressed);
      } catch (ZstdException e) {
        throw new DamagedDataException(
            "a compressed record is not a part of a zstd stream: " + e.getMessage(), e);
      }
      more = compressed.hasRemaining() || !plain.hasRemaining();
      plain.flip();
      splitter.feed(plain);
    }
  }

  /** Returns how many bytes of an unfinished record there are. */
  long unfinished() {
    return splitter.unfinished();
  }

  @Override
  public void close() {
    stream.close();
  }
}
