package dev.bts.cli.export;

import dev.bts.cli.symbols.Location;
import dev.bts.cli.trace.TraceHeader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * The profile of one program for {@code llvm-bolt -data}: sums of taken branches by function and
 * offset (bolt/include/bolt/Profile/DataReader.h of LLVM). What ran between branches is not in this
 * form; the form bolt has it.
 */
final class FdataExport extends ProgramProfile {
  private static final int LINES_MAX = 1 << 22;
  private static final String ELSEWHERE = "0 [unknown] 0";

  /** Counts by what stands before them on the line: mispredictions, and branches. */
  private final Map<String, long[]> lines = new TreeMap<>();

  FdataExport(Path path, TraceHeader header, ExportOptions options) throws IOException {
    super(path, header, options);
  }

  @Override
  public void branch(int pid, long from, long to, long count, long mispredicted) {
    String source = words(pid, from);
    String target = words(pid, to);
    if (!source.equals(ELSEWHERE) || !target.equals(ELSEWHERE)) {
      String line = source + " " + target;
      if (lines.size() < LINES_MAX || lines.containsKey(line)) {
        long[] sums = lines.computeIfAbsent(line, l -> new long[2]);
        sums[0] += known(mispredicted);
        sums[1] += count;
      }
    }
  }

  @Override
  public void straight(int pid, long start, long end, long count) {}

  @Override
  void write() {
    lines.forEach(
        (line, sums) ->
            out().text(line).ascii(' ').decimal(sums[0]).ascii(' ').decimal(sums[1]).ascii('\n'));
  }

  private String words(int pid, long address) {
    Location location = symbolizer().locateForBolt(pid, address);
    return binary().is(location.module()) && !location.function().isEmpty()
        ? "1 " + location.function() + " " + Long.toHexString(location.offset())
        : ELSEWHERE;
  }
}
