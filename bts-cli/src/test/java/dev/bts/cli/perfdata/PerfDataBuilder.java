package dev.bts.cli.perfdata;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import dev.bts.kernel.perf.PerfEventAttr;
import dev.bts.kernel.perf.PerfRecord;
import dev.bts.kernel.perf.SampleType;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Makes perf.data files byte by byte, for one event with samples of IP, TID, TIME and CPU. */
final class PerfDataBuilder {
  static final long PARTS =
      SampleType.IP | SampleType.TID | SampleType.TIME | SampleType.CPU | SampleType.BRANCH_STACK;

  /** TID, TIME and CPU at the end of other records. */
  private static final int TRAILER_BYTES = 24;

  private final ByteArrayOutputStream data = new ByteArrayOutputStream();
  private int attrBytes = PerfEventAttr.BYTES_VER5;
  private long sampleType = PARTS;

  static ByteBuffer buffer(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Returns all bytes of a buffer, wherever it stands. */
  static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.capacity()];
    buffer.get(0, bytes);
    return bytes;
  }

  PerfDataBuilder attrBytes(int bytes) {
    attrBytes = bytes;
    return this;
  }

  PerfDataBuilder withoutBranchStacks() {
    sampleType &= ~SampleType.BRANCH_STACK;
    return this;
  }

  /** Adds a record of the kernel: the body is followed by thread, time and CPU. */
  PerfDataBuilder record(int type, int misc, int tid, long time, int cpu, Object... body) {
    ByteBuffer fields = fields(body);
    int size = PerfRecord.HEADER_BYTES + fields.remaining() + TRAILER_BYTES;
    ByteBuffer record = buffer(size).putInt(type).putShort((short) misc).putShort((short) size);
    record.put(fields).putInt(tid).putInt(tid).putLong(time).putInt(cpu).putInt(0);
    return raw(bytes(record));
  }

  /** Adds a sample with these branches, the newest first: from and to, one after the other. */
  PerfDataBuilder sample(int tid, long time, long address, long... fromTo) {
    ByteBuffer entries = buffer(fromTo.length * 12);
    for (int i = 0; i < fromTo.length; i += 2) {
      entries.putLong(fromTo[i]).putLong(fromTo[i + 1]).putLong(i == 0 ? 2 : 1);
    }
    return tool(
        PerfRecord.SAMPLE,
        PerfRecord.MISC_USER,
        address,
        tid,
        tid,
        time,
        0L,
        (long) fromTo.length / 2,
        bytes(entries));
  }

  /** Adds a record of the tool. */
  PerfDataBuilder tool(int type, int misc, Object... body) {
    ByteBuffer fields = fields(body);
    int size = PerfRecord.HEADER_BYTES + fields.remaining();
    ByteBuffer record = buffer(size).putInt(type).putShort((short) misc).putShort((short) size);
    return raw(bytes(record.put(fields)));
  }

  PerfDataBuilder raw(byte[] bytes) {
    data.writeBytes(bytes);
    return this;
  }

  /** Returns the file. */
  byte[] file() {
    int attrs = PerfFileLayout.BYTES;
    int dataAt = attrs + attrBytes + PerfFileLayout.SECTION_BYTES;
    ByteBuffer file = buffer(dataAt + data.size());
    file.putLong(PerfFileLayout.MAGIC).putLong(PerfFileLayout.BYTES);
    file.putLong(attrBytes + PerfFileLayout.SECTION_BYTES);
    file.putLong(attrs).putLong(attrBytes + PerfFileLayout.SECTION_BYTES);
    file.putLong(dataAt).putLong(data.size());
    file.put(attrs, attr(), 0, attrBytes);
    file.put(dataAt, data.toByteArray());
    return bytes(file);
  }

  /** Returns the same as a pipe. */
  byte[] pipe() {
    ByteBuffer pipe =
        buffer(PerfFileLayout.PIPE_BYTES + PerfRecord.HEADER_BYTES + attrBytes + data.size());
    pipe.putLong(PerfFileLayout.MAGIC).putLong(PerfFileLayout.PIPE_BYTES);
    pipe.putInt(ToolRecord.HEADER_ATTR).putShort((short) 0);
    pipe.putShort((short) (PerfRecord.HEADER_BYTES + attrBytes));
    pipe.put(attr(), 0, attrBytes).put(data.toByteArray());
    return bytes(pipe);
  }

  /** Puts records into COMPRESSED records, cut anywhere, as {@code perf record -z} does. */
  static byte[] compressed(byte[] records, Random random) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZstdCompressCtx stream = new ZstdCompressCtx().setLevel(1)) {
      int at = 0;
      while (at < records.length) {
        int length = Math.min(1 + random.nextInt(30_000), records.length - at);
        ByteBuffer plain = ByteBuffer.allocateDirect(length).put(0, records, at, length);
        ByteBuffer packed = ByteBuffer.allocateDirect((int) Zstd.compressBound(length) + 64);
        boolean flushed = false;
        while (!flushed) {
          flushed = stream.compressDirectByteBufferStream(packed, plain, EndDirective.FLUSH);
        }
        packed.flip();
        byte[] payload = new byte[packed.remaining()];
        packed.get(payload);
        ByteBuffer header = buffer(PerfRecord.HEADER_BYTES);
        header.putInt(ToolRecord.COMPRESSED).putShort((short) 0);
        header.putShort((short) (PerfRecord.HEADER_BYTES + payload.length));
        out.writeBytes(bytes(header));
        out.writeBytes(payload);
        at += length;
      }
    }
    return out.toByteArray();
  }

  /** Returns text with at least one zero byte behind it, in a multiple of 8 bytes. */
  static byte[] text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return java.util.Arrays.copyOf(bytes, (bytes.length + 8) / 8 * 8);
  }

  private byte[] attr() {
    ByteBuffer attr = buffer(Math.max(attrBytes, PerfEventAttr.BYTES_VER5));
    attr.putInt(PerfEventAttr.SIZE_OFFSET, attrBytes);
    attr.putLong(PerfEventAttr.SAMPLE_TYPE_OFFSET, sampleType);
    attr.putLong(PerfEventAttr.FLAGS_OFFSET, PerfEventAttr.FLAG_SAMPLE_ID_ALL);
    return bytes(attr);
  }

  private static ByteBuffer fields(Object... body) {
    ByteBuffer fields = buffer(PerfRecord.BYTES_MAX);
    for (Object field : body) {
      if (field instanceof Integer number) {
        fields.putInt(number);
      } else if (field instanceof Long number) {
        fields.putLong(number);
      } else {
        fields.put((byte[]) field);
      }
    }
    return fields.flip();
  }
}
