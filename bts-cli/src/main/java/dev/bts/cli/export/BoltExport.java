package dev.bts.cli.export;

import dev.bts.cli.counts.PairTable;
import dev.bts.cli.symbols.Place;
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
final class BoltExport extends ProgramProfile {
  private static final String ELSEWHERE = "X:0";

  /** No code stands at the last address there is. */
  private static final long NOWHERE = -1;

  private final PairTable branches = new PairTable();
  private final PairTable straights = new PairTable();

  BoltExport(Path path, TraceHeader header, ExportOptions options) throws IOException {
    super(path, header, options);
  }

  @Override
  public void branch(int pid, long from, long to, long count, long mispredicted) {
    long fromAddress = address(pid, from);
    long toAddress = address(pid, to);
    if (fromAddress != NOWHERE || toAddress != NOWHERE) {
      branches.add(fromAddress, toAddress, count, known(mispredicted));
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
  void write() {
    branches.forEach(
        (from, to, count, mispredicted) ->
            line('B', from, to).decimal(count).ascii(' ').decimal(mispredicted).ascii('\n'));
    straights.forEach(
        (start, end, count, unused) -> line('F', start, end).decimal(count).ascii('\n'));
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
    @Nullable Place place = symbolizer().place(pid, address);
    return place != null && binary().is(place.path()) ? place.address() : NOWHERE;
  }
}
