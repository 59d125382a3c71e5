package dev.bts.cli.trace;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The blocks of a file in their order: from the index, or found by a search of the whole file. */
final class BlockTable {
  private BlockTable() {}

  /**
   * Returns what the index lists, the last index block included; null if the index is damaged or
   * does not fit the file. Nothing but index blocks is read.
   */
  static @Nullable List<PlacedBlock> fromIndex(TraceFile file, BlockLoader loader, Footer footer)
      throws IOException {
    List<List<PlacedBlock>> parts = new ArrayList<>();
    long end = file.size() - BlockLayout.FOOTER_BYTES;
    long at = footer.indexOffset();
    while (at != 0) {
      BlockHead head = at < end ? file.head(at) : null;
      if (head == null || head.kind() != BlockKind.INDEX || head.offset() != at) {
        return null;
      }
      List<PlacedBlock> part = new ArrayList<>();
      end = at;
      try {
        at = readIndex(head, loader, part);
      } catch (CorruptBlockException e) {
        return null;
      }
      // An index block lists itself in the next one; the last is listed nowhere.
      if (parts.isEmpty()) {
        part.add(new PlacedBlock(head, head.offset()));
      }
      parts.add(part);
    }
    Collections.reverse(parts);
    List<PlacedBlock> blocks = new ArrayList<>();
    parts.forEach(blocks::addAll);
    return isConsistent(blocks, footer, file.size()) ? blocks : null;
  }

  private static long readIndex(BlockHead head, BlockLoader loader, List<PlacedBlock> to)
      throws IOException, CorruptBlockException {
    byte[] content = loader.load(new PlacedBlock(head, head.offset()));
    ByteSource in = new ByteSource();
    in.reset(content, 0, head.contentBytes());
    long previous = in.getUnsigned();
    if (in.remaining() % BlockLayout.HEAD_BYTES != 0) {
      throw new CorruptBlockException("it lists a part of a block");
    }
    ByteBuffer heads = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = in.position(); at < head.contentBytes(); at += BlockLayout.HEAD_BYTES) {
      BlockHead listed = BlockHead.parse(heads, at);
      if (listed == null) {
        throw new CorruptBlockException("it lists an impossible block");
      }
      to.add(new PlacedBlock(listed, listed.offset()));
    }
    return previous;
  }

  /** The blocks must follow each other without a gap from the preamble to the footer. */
  private static boolean isConsistent(List<PlacedBlock> blocks, Footer footer, long size) {
    long at = BlockLayout.PREAMBLE_BYTES;
    long sequence = 0;
    long records = 0;
    long events = 0;
    for (PlacedBlock block : blocks) {
      BlockHead head = block.head();
      if (head.offset() != at
          || head.sequence() != sequence
          || head.traceId() != footer.traceId()
          || head.recordsBefore() != records
          || head.eventsBefore() != events) {
        return false;
      }
      at += head.bytes();
      sequence++;
      records += head.records();
      events += head.events();
    }
    return at == size - BlockLayout.FOOTER_BYTES
        && records == footer.records()
        && events == footer.events();
  }

  /**
   * Searches the whole file for intact heads and returns them in the order they were written, each
   * block once, of the trace that the first one belongs to.
   */
  static List<PlacedBlock> bySearch(TraceFile file) throws IOException {
    List<PlacedBlock> found = new ArrayList<>();
    long at = file.findHead(0);
    while (at < file.size() && found.size() < FormatLimits.BLOCKS) {
      BlockHead head = file.head(at);
      if (head == null) {
        at = file.findHead(at + 1);
        continue;
      }
      PlacedBlock block = new PlacedBlock(head, at);
      if (found.isEmpty() || found.get(0).head().traceId() == head.traceId()) {
        found.add(block);
      }
      // Where the next block does not follow at once, bytes of this one may be missing.
      boolean nextFollows = block.end() < file.size() && file.head(block.end()) != null;
      at = nextFollows ? block.end() : file.findHead(at + BlockLayout.HEAD_BYTES);
    }
    found.sort(
        Comparator.<PlacedBlock>comparingLong(b -> b.head().sequence())
            .thenComparing(PlacedBlock::isDisplaced)
            .thenComparingLong(PlacedBlock::position));
    List<PlacedBlock> blocks = new ArrayList<>(found.size());
    long last = -1;
    for (PlacedBlock block : found) {
      if (block.head().sequence() != last) {
        blocks.add(block);
        last = block.head().sequence();
      }
    }
    return blocks;
  }
}
