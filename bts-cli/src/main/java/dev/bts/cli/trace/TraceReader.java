package dev.bts.cli.trace;

import dev.bts.api.Explanation;
import dev.bts.api.Fidelity;
import dev.bts.api.KernelException;
import dev.bts.api.TraceFormatException;
import dev.bts.api.record.SideEvent;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a trace file, or what is left of one: every intact block is handed over, and what is
 * missing is stated.
 *
 * <p>With an intact index only the blocks that are asked for are read. Without one, or when a block
 * is not where the index says, the whole file is searched for block heads once. The file is not
 * trusted: memory is bounded by two blocks and the table of heads. Not safe for several threads.
 */
public final class TraceReader implements Closeable {
  private final Path path;
  private final TraceFile file;
  private final Compression compression;
  private final BlockLoader loader;
  private final @Nullable Footer footer;
  private final Set<Damage> damage = new LinkedHashSet<>();
  private List<PlacedBlock> blocks;
  private boolean searched;
  private @Nullable StreamDecoder decoder;

  private TraceReader(Path path, TraceFile file, Compression compression) throws IOException {
    this.path = path;
    this.file = file;
    this.compression = compression;
    loader = new BlockLoader(file, compression);
    int version = file.version();
    if (version > BlockLayout.VERSION) {
      throw new TraceFormatException(
          new Explanation(
              "read " + path,
              "its format version is "
                  + version
                  + ", and this bts reads up to "
                  + BlockLayout.VERSION,
              "read it with the bts that wrote it, or a newer one"));
    }
    footer = file.footer();
    List<PlacedBlock> indexed = footer == null ? null : BlockTable.fromIndex(file, loader, footer);
    searched = indexed == null;
    blocks = indexed == null ? BlockTable.bySearch(file) : indexed;
    if (version < 0) {
      refuseIfForeign();
      damage.add(new Damage(0, BlockLayout.PREAMBLE_BYTES, 0, 0, "the preamble is damaged"));
    }
    if (footer != null && indexed == null) {
      damage.add(
          new Damage(
              Math.max(0, footer.indexOffset()),
              file.size() - BlockLayout.FOOTER_BYTES,
              0,
              0,
              "the index is damaged or does not fit the file; all blocks were searched for"));
    }
  }

  /**
   * Opens a trace file.
   *
   * @throws TraceFormatException if it is not a trace file, or of a later version
   * @throws KernelException if it cannot be read
   */
  public static TraceReader open(Path path) {
    Compression compression = new Compression();
    TraceFile file = null;
    try {
      file = TraceFile.open(path);
      return new TraceReader(path, file, compression);
    } catch (IOException | RuntimeException e) {
      compression.close();
      closeAfter(file, e);
      throw e instanceof IOException io ? unreadable(path, io) : (RuntimeException) e;
    }
  }

  /** Returns what the trace says about itself; empty if that block is lost. */
  public Optional<TraceHeader> header() {
    for (PlacedBlock block : blocks) {
      if (block.head().kind() != BlockKind.HEADER) {
        continue;
      }
      try {
        ByteSource in = new ByteSource();
        in.reset(loader.load(block), 0, block.head().contentBytes());
        return Optional.of(HeaderCodec.read(in));
      } catch (CorruptBlockException e) {
        damage.add(damaged(block, e));
      } catch (IOException e) {
        throw unreadable(path, e);
      }
    }
    return Optional.empty();
  }

  /** Returns whether the file was finished; without that its end, or more, is missing. */
  public boolean isFinished() {
    return footer != null;
  }

  /** Returns how much of what happened the finished trace holds; empty if it is not finished. */
  public Optional<Fidelity> fidelity() {
    return footer == null ? Optional.empty() : Optional.of(footer.fidelity());
  }

  /** Returns the totals of the finished file, or those up to the last intact block's end. */
  public TraceTotals totals() {
    if (footer != null) {
      return new TraceTotals(footer.records(), footer.events(), footer.lost());
    }
    if (blocks.isEmpty()) {
      return new TraceTotals(0, 0, 0);
    }
    BlockHead last = blocks.get(blocks.size() - 1).head();
    return new TraceTotals(
        last.recordsAfter(), last.eventsBefore() + last.events(), last.lostBefore() + last.lost());
  }

  /** Returns what was found to be missing so far; complete after {@link #read} of everything. */
  public List<Damage> damage() {
    return List.copyOf(damage);
  }

  /** Hands the whole trace to a visitor, in stream order. */
  public void read(TraceVisitor visitor) {
    read(Selection.ALL, visitor);
  }

  /** Hands a part of the trace to a visitor: see {@link Selection}. */
  public void read(Selection selection, TraceVisitor visitor) {
    try {
      Progress progress = new Progress();
      int next = 0;
      while (next < blocks.size()) {
        PlacedBlock block = blocks.get(next);
        if (block.head().recordsBefore() >= selection.endRecord()) {
          return;
        }
        boolean wanted = block.head().events() > 0 || selection.mayInclude(block.head());
        if (wanted && !searched && !block.head().equals(file.head(block.position()))) {
          next = search(block.head().sequence());
          continue;
        }
        report(progress.gapBefore(block), visitor);
        if (wanted) {
          deliver(block, selection, visitor);
          visitor.reached(block.head().recordsAfter());
        }
        next++;
      }
      report(progress.gapAtEnd(footer, file.size()), visitor);
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  /** Hands over all accounting events (charges, refunds, drift) without reading the stream. */
  public void readJournal(Consumer<SideEvent> consumer) {
    for (PlacedBlock block : blocks) {
      if (block.head().kind() == BlockKind.JOURNAL) {
        try {
          journal(block).forEach(consumer);
        } catch (CorruptBlockException e) {
          damage.add(damaged(block, e));
        } catch (IOException e) {
          throw unreadable(path, e);
        }
      }
    }
  }

  @Override
  public void close() {
    compression.close();
    try {
      file.close();
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  /** Returns the blocks in their order. */
  List<PlacedBlock> blocks() {
    return blocks;
  }

  private void deliver(PlacedBlock block, Selection selection, TraceVisitor visitor)
      throws IOException {
    StreamDecoder stream = decoder;
    if (stream == null) {
      stream = new StreamDecoder();
      decoder = stream;
    }
    try {
      byte[] content = loader.load(block);
      stream.decode(content, block.head().contentBytes(), block.head());
    } catch (CorruptBlockException e) {
      report(damaged(block, e), visitor);
      return;
    }
    stream.deliver(visitor, selection, block.head().recordsBefore());
  }

  private List<SideEvent> journal(PlacedBlock block) throws IOException, CorruptBlockException {
    ByteSource in = new ByteSource();
    in.reset(loader.load(block), 0, block.head().contentBytes());
    EventDecoder events = new EventDecoder(in);
    List<SideEvent> journal = new ArrayList<>();
    while (in.remaining() > 0) {
      journal.add(events.next());
    }
    return journal;
  }

  /** Gives the index up and returns the place of the first block from a sequence number on. */
  private int search(long sequence) throws IOException {
    blocks = BlockTable.bySearch(file);
    searched = true;
    int place = 0;
    while (place < blocks.size() && blocks.get(place).head().sequence() < sequence) {
      place++;
    }
    return place;
  }

  private void report(@Nullable Damage found, TraceVisitor visitor) {
    if (found != null) {
      damage.add(found);
      visitor.damaged(found);
    }
  }

  private void refuseIfForeign() {
    if (blocks.isEmpty()) {
      throw new TraceFormatException(
          new Explanation(
              "read " + path,
              file.size() < BlockLayout.PREAMBLE_BYTES
                  ? "it has " + file.size() + " bytes, too few for a trace file"
                  : "it does not start as a trace file does, and no block of one is in it",
              "name a file that 'bts record -o' wrote"));
    }
  }

  private static Damage damaged(PlacedBlock block, CorruptBlockException e) {
    return new Damage(
        block.position(),
        block.end(),
        block.head().records(),
        block.head().events(),
        "block " + block.head().sequence() + " is damaged: " + e.getMessage());
  }

  private static void closeAfter(@Nullable TraceFile file, Exception cause) {
    if (file != null) {
      try {
        file.close();
      } catch (IOException e) {
        cause.addSuppressed(e);
      }
    }
  }

  private static KernelException unreadable(Path path, IOException e) {
    String reason =
        e instanceof java.nio.file.NoSuchFileException
            ? "there is no such file"
            : e instanceof java.nio.file.AccessDeniedException
                ? "permission denied"
                : String.valueOf(e.getMessage());
    return new KernelException(
        new Explanation("read " + path, reason, "name a readable trace file"), 0, e);
  }
}
