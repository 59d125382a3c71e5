package dev.bts.cli.export;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.counts.FlowCounts;
import dev.bts.cli.counts.PairTable;
import dev.bts.cli.symbols.AddressSpaces;
import dev.bts.cli.symbols.Place;
import dev.bts.cli.symbols.Symbolizer;
import dev.bts.cli.text.TextOutput;
import dev.bts.cli.trace.TraceHeader;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The profile of one program for {@code perf2bolt -pa} and {@code llvm-bolt -pa}: sums of branches
 * (B) and of straight code between them (F), by addresses in the file (bolt/include/bolt/Profile/
 * DataAggregator.h of LLVM). Branches from and to other files have the address X:0.
 */
final class BoltExport extends TextExport implements FlowCounts.Consumer {
  private static final String ELSEWHERE = "X:0";

  /** No code stands at the last address there is. */
  private static final long NOWHERE = -1;

  private final AddressSpaces spaces = new AddressSpaces();
  private final Symbolizer symbolizer = new Symbolizer(spaces);
  private final FlowCounts counts = new FlowCounts(spaces, this);
  private final Binary binary;
  private final boolean predictionKnown;
  private final PairTable branches = new PairTable();
  private final PairTable straights = new PairTable();

  BoltExport(Path path, TraceHeader header, ExportOptions options) throws IOException {
    super(path);
    binary = new Binary(options.binary());
    predictionKnown = header.mechanism().recordsIntoPerfRing();
  }

  @Override
  public void branches(BranchCursor cursor) {
    counts.branches(cursor);
  }

  @Override
  public void event(SideEvent event) {
    binary.event(event);
    counts.event(event);
  }

  @Override
  public void branch(int pid, long from, long to, long count, long mispredicted) {
    long fromAddress = address(pid, from);
    long toAddress = address(pid, to);
    if (fromAddress != NOWHERE || toAddress != NOWHERE) {
      branches.add(fromAddress, toAddress, count, predictionKnown ? mispredicted : 0);
    }
  }

  @Override
  public void straight(int pid, long start, long end, long count) {
    long startAddress = address(pid, start);
    long endAddress = address(pid, end);
    if (startAddress != NOWHERE && endAddress != NOWHERE) {
      straights.add(startAddress, endAddress, count, 0);
    }
  }

  @Override
  public void finish() {
    counts.finish();
    branches.forEach(
        (from, to, count, mispredicted) ->
            line('B', from, to).decimal(count).ascii(' ').decimal(mispredicted).ascii('\n'));
    straights.forEach(
        (start, end, count, unused) -> line('F', start, end).decimal(count).ascii('\n'));
    out().flush();
  }

  private TextOutput line(char kind, long start, long end) {
    out().ascii(kind).ascii(' ');
    address(start);
    out().ascii(' ');
    address(end);
    return out().ascii(' ');
  }

  private void address(long address) {
    if (address == NOWHERE) {
      out().text(ELSEWHERE);
    } else {
      out().hex(address);
    }
  }

  private long address(int pid, long address) {
    @Nullable Place place = symbolizer.place(pid, address);
    return place != null && binary.is(place.path()) ? place.address() : NOWHERE;
  }
}
