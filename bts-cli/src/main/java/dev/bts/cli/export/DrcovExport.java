package dev.bts.cli.export;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.counts.FlowCounts;
import dev.bts.cli.counts.PairTable;
import dev.bts.cli.symbols.AddressSpaces;
import dev.bts.cli.symbols.Place;
import dev.bts.cli.symbols.Symbolizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What code was executed, in the form drcov version 2 of DynamoRIO, which Lighthouse, bncov and
 * Cartographer read. A block is a straight stretch of code between two branches, up to the first
 * byte of the branch at its end. Modules of several processes stand side by side.
 */
final class DrcovExport extends TextExport implements FlowCounts.Consumer {
  private static final int BLOCK_BYTES = 8;

  /** The size of a block is a u16. */
  private static final int BLOCK_LENGTH_MAX = 0xFFFF;

  private static final int MODULES_MAX = 0xFFFF;

  private final AddressSpaces spaces = new AddressSpaces();
  private final Symbolizer symbolizer = new Symbolizer(spaces);
  private final FlowCounts counts = new FlowCounts(spaces, this);
  private final Map<Module, Extent> modules = new LinkedHashMap<>();

  /** Start with the module in the upper half, and end, both from the base of the module. */
  private final PairTable blocks = new PairTable();

  private record Module(String path, long base) {}

  private static final class Extent {
    private final int number;
    private long end;

    private Extent(int number) {
      this.number = number;
    }
  }

  DrcovExport(Path path) throws IOException {
    super(path);
  }

  @Override
  public void branches(BranchCursor cursor) {
    counts.branches(cursor);
  }

  @Override
  public void event(SideEvent event) {
    counts.event(event);
  }

  @Override
  public void branch(int pid, long from, long to, long count, long mispredicted) {}

  @Override
  public void straight(int pid, long start, long end, long count) {
    @Nullable Place place = symbolizer.place(pid, start);
    @Nullable Place last = symbolizer.place(pid, end);
    if (place == null || last == null || !last.path().equals(place.path())) {
      return;
    }
    Module module = new Module(place.path(), place.base());
    Extent extent = modules.get(module);
    if (extent == null) {
      if (modules.size() == MODULES_MAX) {
        return;
      }
      extent = new Extent(modules.size());
      modules.put(module, extent);
    }
    extent.end = Math.max(extent.end, end + 1);
    long offset = start - place.base();
    long length = end + 1 - start;
    while (length > 0 && offset >= 0 && offset <= Integer.MAX_VALUE) {
      long part = Math.min(length, BLOCK_LENGTH_MAX);
      blocks.add((long) extent.number << Integer.SIZE | offset, part, count, 0);
      offset += part;
      length -= part;
    }
  }

  @Override
  public void finish() {
    counts.finish();
    out().text("DRCOV VERSION: 2\nDRCOV FLAVOR: bts\n");
    out().text("Module Table: version 2, count ").decimal(modules.size()).ascii('\n');
    out().text("Columns: id, base, end, entry, checksum, timestamp, path\n");
    modules.forEach(
        (module, extent) ->
            out()
                .decimal(extent.number)
                .text(", 0x")
                .hex(module.base)
                .text(", 0x")
                .hex(extent.end)
                .text(", 0x0, 0x0, 0x0, ")
                .text(module.path)
                .ascii('\n'));
    out().text("BB Table: ").decimal(blocks.size()).text(" bbs\n");
    ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    blocks.forEach(
        (start, length, count, unused) -> {
          block.clear();
          block.putInt((int) start).putShort((short) length);
          block.putShort((short) (start >>> Integer.SIZE));
          out().bytes(block.flip());
        });
    out().flush();
  }
}
