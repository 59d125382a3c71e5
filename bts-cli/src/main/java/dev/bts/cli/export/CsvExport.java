package dev.bts.cli.export;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.Bts24;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.symbols.AddressSpaces;
import dev.bts.cli.symbols.Location;
import dev.bts.cli.symbols.Symbolizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The branches as comma-separated values (RFC 4180), in the order of the trace, with a line of
 * names first. Addresses are hexadecimal. {@code predicted} is the flag of the hardware, 0 where
 * there is none.
 */
final class CsvExport extends TextExport {
  private static final int KNOWN_MAX = 1 << 16;
  private static final String NAMES =
      "pid,tid,from,to,predicted,from_module,from_function,from_offset,"
          + "to_module,to_function,to_offset\r\n";

  private final AddressSpaces spaces = new AddressSpaces();
  private final Symbolizer symbolizer = new Symbolizer(spaces);

  /** Addresses of {@link #knownPid} in words. */
  private final Map<Long, String> known = new HashMap<>();

  private int knownPid;

  CsvExport(Path path) throws IOException {
    super(path);
    out().text(NAMES);
  }

  @Override
  public void branches(BranchCursor cursor) {
    while (cursor.next()) {
      int pid = spaces.pid(cursor.tid());
      out()
          .decimal(pid)
          .ascii(',')
          .decimal(cursor.tid())
          .ascii(',')
          .hex(cursor.from())
          .ascii(',')
          .hex(cursor.to())
          .ascii(',')
          .ascii((cursor.flags() & Bts24.FLAG_PREDICTED) == 0 ? '0' : '1')
          .ascii(',')
          .text(words(pid, cursor.from()))
          .ascii(',')
          .text(words(pid, cursor.to()))
          .ascii('\r')
          .ascii('\n');
    }
  }

  @Override
  public void event(SideEvent event) {
    spaces.apply(event);
    if (event instanceof SideEvent.Exec || event instanceof SideEvent.Mapped) {
      known.clear();
    }
  }

  @Override
  public void finish() {
    out().flush();
  }

  private String words(int pid, long address) {
    if (pid != knownPid || known.size() == KNOWN_MAX) {
      known.clear();
      knownPid = pid;
    }
    return known.computeIfAbsent(address, a -> words(symbolizer.locate(pid, a)));
  }

  private static String words(Location location) {
    return quoted(location.module())
        + ","
        + quoted(location.function())
        + ","
        + Long.toHexString(location.offset());
  }

  private static String quoted(String value) {
    boolean plain = value.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? value : '"' + value.replace("\"", "\"\"") + '"';
  }
}
