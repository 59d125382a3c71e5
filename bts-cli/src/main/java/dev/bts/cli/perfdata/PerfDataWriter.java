package dev.bts.cli.perfdata;

import dev.bts.kernel.perf.PerfEventAttr;
import dev.bts.kernel.perf.PerfRecord;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a perf.data file with one event: its records one after another, and at the end the
 * features and the header, which say where everything is.
 */
final class PerfDataWriter implements Closeable {
  /** The id of the only event, in every record. */
  static final long EVENT_ID = 1;

  private static final int BUFFER_BYTES = 1 << 18;
  private static final int STRING_ALIGNMENT = 64;

  /** Where the id of the event stands, behind the header of the file and the event. */
  private static final int IDS_AT =
      PerfFileLayout.BYTES + PerfEventAttr.BYTES_VER5 + PerfFileLayout.SECTION_BYTES;

  private static final int DATA_AT = IDS_AT + Long.BYTES;

  private final FileChannel channel;
  private final ByteBuffer attr = buffer(PerfEventAttr.BYTES_VER5);
  private final ByteBuffer out = buffer(BUFFER_BYTES);
  private final ByteBuffer record = buffer(PerfRecord.BYTES_MAX);
  private final Map<Integer, byte[]> features = new TreeMap<>();
  private long written;

  PerfDataWriter(FileChannel channel) {
    this.channel = channel;
    attr.putInt(PerfEventAttr.SIZE_OFFSET, PerfEventAttr.BYTES_VER5);
    try {
      channel.position(DATA_AT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sets a field of the event: see {@link PerfEventAttr}. */
  PerfDataWriter attr(int offset, long value) {
    if (offset == PerfEventAttr.TYPE_OFFSET) {
      attr.putInt(offset, (int) value);
    } else {
      attr.putLong(offset, value);
    }
    return this;
  }

  /** Begins a record and returns the buffer that its fields are to be put into. */
  ByteBuffer begin(int type, int misc) {
    record.clear();
    return record.putInt(type).putShort((short) misc).putShort((short) 0);
  }

  /** Returns the buffer of the record that was begun. */
  ByteBuffer record() {
    return record;
  }

  /** Puts text into a record: ended by a zero byte, in a multiple of 8 bytes. */
  void putText(String text, int bytesMax) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(bytes.length, bytesMax - 1);
    record.put(bytes, 0, length);
    int padding = Long.BYTES - length % Long.BYTES;
    for (int i = 0; i < padding; i++) {
      record.put((byte) 0);
    }
  }

  /** Ends the record that was begun, with nothing behind it. */
  void end() {
    record.putShort(PerfRecord.SIZE_OFFSET, (short) record.position());
    record.flip();
    if (out.remaining() < record.remaining()) {
      flush();
    }
    out.put(record);
  }

  /** Writes the data that belongs to the AUXTRACE record that was ended last. */
  void payload(ByteBuffer data) {
    flush();
    write(data);
  }

  /** Returns where the next record will stand in the file. */
  long position() {
    return DATA_AT + written + out.position();
  }

  void feature(int feature, byte[] content) {
    features.put(feature, content);
  }

  void feature(int feature, String text) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    putString(content, text);
    feature(feature, content.toByteArray());
  }

  void feature(int feature, List<String> texts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    putInt(content, texts.size());
    texts.forEach(text -> putString(content, text));
    feature(feature, content.toByteArray());
  }

  /** Writes features and header. */
  void finish() {
    flush();
    long dataBytes = written;
    long table = DATA_AT + dataBytes;
    long at = table + (long) features.size() * PerfFileLayout.SECTION_BYTES;
    ByteBuffer sections = buffer(features.size() * PerfFileLayout.SECTION_BYTES);
    for (byte[] content : features.values()) {
      sections.putLong(at).putLong(content.length);
      at += content.length;
    }
    write(sections.flip());
    features.values().forEach(content -> write(ByteBuffer.wrap(content)));
    ByteBuffer header = header(dataBytes);
    try {
      channel.position(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    write(header);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private ByteBuffer header(long dataBytes) {
    ByteBuffer header = buffer(DATA_AT);
    header.putLong(PerfFileLayout.MAGIC_OFFSET, PerfFileLayout.MAGIC);
    header.putLong(PerfFileLayout.SIZE_OFFSET, PerfFileLayout.BYTES);
    long attrBytes = PerfEventAttr.BYTES_VER5 + PerfFileLayout.SECTION_BYTES;
    header.putLong(PerfFileLayout.ATTR_SIZE_OFFSET, attrBytes);
    section(header, PerfFileLayout.ATTRS_OFFSET, PerfFileLayout.BYTES, attrBytes);
    section(header, PerfFileLayout.DATA_OFFSET, DATA_AT, dataBytes);
    for (int feature : features.keySet()) {
      int word = PerfFileLayout.FEATURES_OFFSET + feature / Long.SIZE * Long.BYTES;
      header.putLong(word, header.getLong(word) | 1L << (feature % Long.SIZE));
    }
    header.put(PerfFileLayout.BYTES, attr, 0, PerfEventAttr.BYTES_VER5);
    section(header, PerfFileLayout.BYTES + PerfEventAttr.BYTES_VER5, IDS_AT, Long.BYTES);
    header.putLong(IDS_AT, EVENT_ID);
    return header;
  }

  private static void section(ByteBuffer buffer, int at, long offset, long size) {
    buffer.putLong(at + PerfFileLayout.SECTION_OFFSET_OFFSET, offset);
    buffer.putLong(at + PerfFileLayout.SECTION_SIZE_OFFSET, size);
  }

  private void flush() {
    write(out.flip());
    out.clear();
  }

  private void write(ByteBuffer bytes) {
    written += bytes.remaining();
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Puts a string as in a feature: with its length, which counts the padding, before it. */
  private static void putString(ByteArrayOutputStream to, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int length = (bytes.length + STRING_ALIGNMENT) / STRING_ALIGNMENT * STRING_ALIGNMENT;
    putInt(to, length);
    to.writeBytes(bytes);
    to.writeBytes(new byte[length - bytes.length]);
  }

  private static void putInt(ByteArrayOutputStream to, int value) {
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      to.write(value >>> shift);
    }
  }

  private static ByteBuffer buffer(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }
}
