package dev.bts.cli.trace;

import dev.bts.api.Explanation;
import dev.bts.api.Fidelity;
import dev.bts.api.KernelException;
import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A sink that streams a trace to a file.
 *
 * <pre>{@code
 * try (TraceWriter writer = TraceWriter.create(Path.of("ls.bts"))) {
 *   TraceSession session = tracer.open(TraceRequest.command("ls").sink(writer).build());
 *   writer.begin(header);
 *   session.start();
 *   ...
 *   session.close();
 * }
 * }</pre>
 *
 * <p>Memory is bounded by one block, about 20 MiB, however long the trace. Blocks are written as
 * they fill, and after five seconds at the latest if anything arrives; when the writer's process is
 * killed, all blocks written before are readable. When writing fails, the call that failed throws,
 * everything after it is dropped, and {@link #close} throws again. Safe for several threads.
 */
public final class TraceWriter implements TraceSink, Closeable {
  private static final int JOURNAL_BYTES = 1 << 20;

  private final WritableByteChannel channel;
  private final @Nullable FileChannel file;
  private final String name;
  private final LongSupplier clock;
  private final Compression compression = new Compression();
  private final BlockWriter blocks;
  private final StreamEncoder stream;
  private final ByteSink content = new ByteSink(1 << 16);
  private final ByteSink journal = new ByteSink(1 << 10);
  private final EventEncoder journalEncoder = new EventEncoder(journal);

  private @Nullable Fidelity fidelity;
  private @Nullable RuntimeException failure;
  private long firstTimeNanos;
  private boolean closed;

  private TraceWriter(
      WritableByteChannel channel, @Nullable FileChannel file, String name, LongSupplier clock) {
    this.channel = channel;
    this.file = file;
    this.name = name;
    this.clock = clock;
    SecureRandom random = new SecureRandom();
    blocks = new BlockWriter(channel, compression, random.nextLong());
    stream = new StreamEncoder(random.nextLong());
  }

  /**
   * Opens a file for writing. What it held is kept until {@link #begin}.
   *
   * @throws KernelException if the file cannot be written
   */
  public static TraceWriter create(Path path) {
    return create(path, System::nanoTime);
  }

  /**
   * Opens a file for writing, for a trace with another clock.
   *
   * @param clock the clock of the side events, in nanoseconds
   * @throws KernelException if the file cannot be written
   */
  public static TraceWriter create(Path path, LongSupplier clock) {
    try {
      FileChannel channel =
          FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      return new TraceWriter(
          channel, Files.isRegularFile(path) ? channel : null, path.toString(), clock);
    } catch (IOException e) {
      throw new KernelException(
          new Explanation(
              "write the trace to " + path,
              reason(e),
              "name a file in a directory that exists and may be written, after -o"),
          0,
          e);
    }
  }

  /**
   * Writes to any channel, which is closed with the writer.
   *
   * @param name what the channel is called in messages
   * @param clock the clock of the side events, in nanoseconds
   */
  public static TraceWriter to(WritableByteChannel channel, String name, LongSupplier clock) {
    return new TraceWriter(channel, null, name, clock);
  }

  /**
   * Starts the file. To be called once, after the session was opened and before it is started; what
   * arrives earlier is kept in memory.
   *
   * @throws KernelException if writing fails
   */
  public synchronized void begin(TraceHeader header) {
    if (fidelity != null) {
      throw new IllegalStateException("begin was called before");
    }
    fidelity = header.fidelity();
    attempt(
        () -> {
          if (file != null) {
            file.truncate(0);
          }
          blocks.preamble();
          content.clear();
          HeaderCodec.write(header, content);
          blocks.write(BlockKind.HEADER, content, header.startNanos());
        });
  }

  @Override
  public synchronized void branches(BranchCursor cursor) {
    if (failure != null) {
      return;
    }
    prepare();
    while (!stream.branches(cursor)) {
      attempt(this::writeStream);
    }
  }

  @Override
  public synchronized void event(SideEvent event) {
    if (failure != null) {
      return;
    }
    prepare();
    stream.event(event);
    if (event instanceof SideEvent.Charged
        || event instanceof SideEvent.Refunded
        || event instanceof SideEvent.Adopted
        || event instanceof SideEvent.AccountingDrift) {
      journalEncoder.put(event);
      if (journal.size() >= JOURNAL_BYTES) {
        attempt(this::writeJournal);
      }
    }
  }

  /** Says how much of what happened the trace holds, if that is not what the header said. */
  public synchronized void conclude(Fidelity atTheEnd) {
    if (fidelity != null) {
      fidelity = atTheEnd;
    }
  }

  /** Returns the number of bytes written so far. */
  public synchronized long bytesWritten() {
    return blocks.offset();
  }

  /**
   * Writes what is left, the journal, the index and the footer, and closes the file. A writer that
   * was never begun leaves the file as it was.
   *
   * @throws KernelException if writing fails, or failed before
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try (compression;
        channel) {
      Fidelity atTheEnd = fidelity;
      if (failure == null && atTheEnd != null) {
        attempt(
            () -> {
              writeStream();
              writeJournal();
              blocks.finish(atTheEnd, clock.getAsLong());
            });
      }
    } catch (IOException e) {
      throw failed(e);
    }
    // A new exception: try-with-resources cannot suppress the one that it handles already.
    if (failure instanceof KernelException known) {
      throw new KernelException(known.explanation(), known.errno(), known);
    } else if (failure != null) {
      throw new IllegalStateException(failure.getMessage(), failure);
    }
  }

  /** Makes room for at least one more record or event. */
  private void prepare() {
    if (closed) {
      throw new IllegalStateException(name + " is closed");
    }
    long now = clock.getAsLong();
    if (stream.isEmpty()) {
      firstTimeNanos = now;
    } else if (stream.isFull()
        || (fidelity != null && now - firstTimeNanos >= FormatLimits.BLOCK_AGE_NANOS)) {
      attempt(this::writeStream);
    }
  }

  private void writeStream() throws IOException {
    if (fidelity == null) {
      throw new IllegalStateException("begin was not called before the first block was full");
    }
    if (stream.isEmpty()) {
      return;
    }
    int records = stream.records();
    long now = clock.getAsLong();
    content.clear();
    stream.finish(content);
    blocks.write(
        BlockKind.STREAM,
        content,
        records,
        stream.events(),
        stream.lost(),
        stream.threadMask(),
        firstTimeNanos,
        now);
    stream.clear();
    firstTimeNanos = now;
  }

  private void writeJournal() throws IOException {
    if (journal.size() > 0) {
      blocks.write(BlockKind.JOURNAL, journal, clock.getAsLong());
      journal.clear();
      journalEncoder.reset();
    }
  }

  private void attempt(Writing writing) {
    try {
      writing.run();
    } catch (IOException e) {
      throw failed(e);
    } catch (RuntimeException e) {
      failure = e;
      throw e;
    }
  }

  private RuntimeException failed(IOException e) {
    KernelException explained =
        new KernelException(
            new Explanation(
                "write the trace to " + name,
                reason(e) + " after " + blocks.offset() + " bytes",
                "make room or name another file after -o; the "
                    + blocks.records()
                    + " branches in the blocks written so far are readable"),
            0,
            e);
    failure = explained;
    return explained;
  }

  private static String reason(IOException e) {
    if (e instanceof java.nio.file.NoSuchFileException) {
      return "its directory does not exist";
    }
    if (e instanceof java.nio.file.AccessDeniedException) {
      return "permission denied";
    }
    String message = e.getMessage();
    return message == null ? e.toString() : message;
  }

  private interface Writing {
    void run() throws IOException;
  }
}
