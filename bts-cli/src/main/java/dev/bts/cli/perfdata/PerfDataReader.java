package dev.bts.cli.perfdata;

import dev.bts.api.Explanation;
import dev.bts.api.KernelException;
import dev.bts.api.TraceFormatException;
import dev.bts.kernel.perf.PerfEventAttr;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;

/**
 * Reads a perf.data file, or a pipe that {@code perf record -o -} writes to.
 *
 * <p>Records are handed over in the order of their times, as perf does. The file is not trusted:
 * memory is bounded, a damaged record is passed over and told, and of a file that ends too early
 * everything before its end is handed over.
 */
public final class PerfDataReader {
  private static final int PIECE_BYTES = 1 << 18;
  private static final int FEATURE_BYTES_MAX = 1 << 24;
  private static final int EVENTS_MAX = 1 << 16;
  private static final int IDS_BYTES_MAX = 1 << 23;
  private static final long REST = Long.MAX_VALUE;

  private final Path path;
  private final FileChannel channel;
  private final EventTable events = new EventTable();
  private final FileFeatures features = new FileFeatures();
  private final ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  private PerfDataReader(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Reads a file and hands over what it tells.
   *
   * @throws TraceFormatException if it is no perf.data file, or none with branches in it
   * @throws KernelException if it cannot be read
   */
  public static PerfDataSummary read(Path path, PerfDataSink sink) {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return new PerfDataReader(path, channel).read(sink);
    } catch (UnreadableDataException e) {
      throw new TraceFormatException(
          new Explanation("import " + path, String.valueOf(e.getMessage()), e.remedy()), e);
    } catch (NoSuchFileException e) {
      throw unreadable(path, "there is no such file", e);
    } catch (IOException e) {
      throw unreadable(path, String.valueOf(e.getMessage()), e);
    }
  }

  private static KernelException unreadable(Path path, String reason, IOException e) {
    return new KernelException(
        new Explanation("import " + path, reason, "name a readable file of perf record"), 0, e);
  }

  private PerfDataSummary read(PerfDataSink sink) throws IOException {
    Instant modified = Files.getLastModifiedTime(path).toInstant();
    try (RecordStream stream = new RecordStream(events, features, sink, modified)) {
      ByteBuffer start = readStart();
      if (start.getLong(PerfFileLayout.SIZE_OFFSET) == PerfFileLayout.PIPE_BYTES) {
        feed(stream, REST);
      } else {
        readFile(start, stream);
      }
      return stream.finish();
    }
  }

  private ByteBuffer readStart() throws IOException {
    ByteBuffer start =
        ByteBuffer.allocate(PerfFileLayout.PIPE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    while (start.hasRemaining() && channel.read(start) >= 0) {
      // Pipes give less than was asked for.
    }
    long magic = start.hasRemaining() ? 0 : start.getLong(PerfFileLayout.MAGIC_OFFSET);
    if (magic == Long.reverseBytes(PerfFileLayout.MAGIC)) {
      throw new UnreadableDataException(
          "it was written on a machine of the other byte order, and bts reads little endian",
          "import it where it was recorded, or take a recording of x86-64");
    }
    if (magic == PerfFileLayout.MAGIC_1) {
      throw new UnreadableDataException(
          "it has the format of before 2010 (PERFFILE)", "record with a newer perf");
    }
    if (magic != PerfFileLayout.MAGIC) {
      throw new UnreadableDataException(
          Files.isDirectory(path)
              ? "it is a directory, as 'perf record --threads' writes"
              : "it does not start as a perf.data file does (PERFILE2)",
          "name a file that 'perf record' wrote");
    }
    return start;
  }

  private void readFile(ByteBuffer start, RecordStream stream) throws IOException {
    if (start.getLong(PerfFileLayout.SIZE_OFFSET) != PerfFileLayout.BYTES) {
      throw new UnreadableDataException(
          "its header has "
              + start.getLong(PerfFileLayout.SIZE_OFFSET)
              + " bytes and not "
              + PerfFileLayout.BYTES,
          "record with a perf of Linux 2.6.34 or later");
    }
    if (!Files.isRegularFile(path)) {
      throw new UnreadableDataException(
          "it comes through a pipe and has the format of a file",
          "write the pipe to a file first, or record with 'perf record -o -'");
    }
    try {
      ByteBuffer header = part(0, PerfFileLayout.BYTES, PerfFileLayout.BYTES);
      long data = header.getLong(PerfFileLayout.DATA_OFFSET);
      long size = header.getLong(PerfFileLayout.DATA_OFFSET + PerfFileLayout.SECTION_SIZE_OFFSET);
      readEvents(header);
      if (size > 0) {
        readFeatures(header, data + size, stream);
      } else {
        stream.damaged("perf was ended before it had finished the file; it was read to its end");
      }
      if (data < 0 || data > channel.size()) {
        throw new DamagedDataException("its data begins behind its end");
      }
      channel.position(data);
      feed(stream, size > 0 ? size : REST);
    } catch (DamagedDataException e) {
      throw new UnreadableDataException(
          String.valueOf(e.getMessage()), "the header is damaged; record again");
    }
  }

  private void readEvents(ByteBuffer header) throws IOException, DamagedDataException {
    long entry = header.getLong(PerfFileLayout.ATTR_SIZE_OFFSET);
    long begin = header.getLong(PerfFileLayout.ATTRS_OFFSET);
    long size = header.getLong(PerfFileLayout.ATTRS_OFFSET + PerfFileLayout.SECTION_SIZE_OFFSET);
    long bytesMax = PerfEventAttr.BYTES_MAX + PerfFileLayout.SECTION_BYTES;
    if (entry <= PerfFileLayout.SECTION_BYTES || entry > bytesMax) {
      throw new DamagedDataException("its descriptions of events have " + entry + " bytes each");
    }
    long count = size / entry;
    if (count < 1 || count > EVENTS_MAX) {
      throw new DamagedDataException("it describes " + count + " events");
    }
    int length = (int) entry - PerfFileLayout.SECTION_BYTES;
    for (long i = 0; i < count; i++) {
      ByteBuffer attr = part(begin + i * entry, entry, entry);
      ByteBuffer ids =
          part(
              attr.getLong(length),
              attr.getLong(length + PerfFileLayout.SECTION_SIZE_OFFSET),
              IDS_BYTES_MAX);
      events.add(attr, 0, length, ids);
    }
  }

  /** Features are extras: a damaged one is told, and the records are read without it. */
  private void readFeatures(ByteBuffer header, long table, RecordStream stream) throws IOException {
    long at = table;
    for (int feature = 0; feature < PerfFileLayout.FEATURE_BITS; feature++) {
      long bits = header.getLong(PerfFileLayout.FEATURES_OFFSET + feature / Long.SIZE * Long.BYTES);
      if ((bits >>> (feature % Long.SIZE) & 1) == 0) {
        continue;
      }
      try {
        ByteBuffer section = part(at, PerfFileLayout.SECTION_BYTES, PerfFileLayout.SECTION_BYTES);
        at += PerfFileLayout.SECTION_BYTES;
        features.read(
            feature,
            part(
                section.getLong(PerfFileLayout.SECTION_OFFSET_OFFSET),
                section.getLong(PerfFileLayout.SECTION_SIZE_OFFSET),
                FEATURE_BYTES_MAX));
      } catch (DamagedDataException e) {
        stream.damaged("feature " + feature + " of its header: " + e.getMessage());
      }
    }
  }

  /** Feeds so many bytes of the channel, or as many as there are. */
  private void feed(RecordStream stream, long bytes) throws IOException {
    RecordSplitter splitter = new RecordSplitter(stream);
    long left = bytes;
    while (left > 0) {
      piece.clear().limit((int) Math.min(left, PIECE_BYTES));
      int read = channel.read(piece);
      if (read < 0) {
        break;
      }
      left -= read;
      piece.flip();
      try {
        splitter.feed(piece);
      } catch (DamagedDataException e) {
        stream.damaged(e.getMessage() + "; what follows it is not read");
        return;
      }
    }
    if (splitter.unfinished() > 0 || (bytes != REST && left > 0)) {
      stream.damaged("the file ends within its records");
    }
  }

  private ByteBuffer part(long offset, long length, long max)
      throws IOException, DamagedDataException {
    long size = channel.size();
    if (offset < 0 || length < 0 || length > max || offset > size - length) {
      throw new DamagedDataException(
          "a part of " + Long.toUnsignedString(length) + " bytes leads outside the file");
    }
    ByteBuffer part = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
    while (part.hasRemaining() && channel.read(part, offset + part.position()) >= 0) {
      // A read may give less than was asked for.
    }
    if (part.hasRemaining()) {
      throw new DamagedDataException("the file became shorter while it was read");
    }
    return part.flip();
  }
}
