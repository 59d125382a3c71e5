package dev.bts.cli;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.symbols.AddressSpaces;
import dev.bts.cli.symbols.Location;
import dev.bts.cli.symbols.Symbolizer;
import dev.bts.cli.text.TextOutput;
import dev.bts.cli.trace.Damage;
import dev.bts.cli.trace.TraceVisitor;
import java.util.HashMap;
import java.util.Map;

/** Prints branches between functions, side events in their places, and what is missing. */
final class TextScript implements TraceVisitor {
  private static final int KNOWN_MAX = 1 << 16;

  private final TextOutput out;
  private final AddressSpaces spaces = new AddressSpaces();
  private final Symbolizer symbolizer = new Symbolizer(spaces);

  /** Addresses of {@link #knownPid} in words. */
  private final Map<Long, String> known = new HashMap<>();

  private int knownPid;

  TextScript(TextOutput out) {
    this.out = out;
  }

  @Override
  public void branches(BranchCursor cursor) {
    int tid = 0;
    String prefix = "";
    while (cursor.next()) {
      if (prefix.isEmpty() || cursor.tid() != tid) {
        tid = cursor.tid();
        prefix = prefix(tid);
      }
      int pid = spaces.pid(tid);
      out.text(prefix)
          .text(words(pid, cursor.from()))
          .text(" => ")
          .text(words(pid, cursor.to()))
          .ascii('\n');
    }
  }

  @Override
  public void event(SideEvent event) {
    spaces.apply(event);
    if (event instanceof SideEvent.Exec || event instanceof SideEvent.Mapped) {
      known.clear();
    }
    out.text(prefix(event.tid())).text("* ").text(Plain.text(EventText.of(event))).ascii('\n');
  }

  @Override
  public void damaged(Damage damage) {
    out.text("* missing: ").text(Plain.text(damage.toString())).ascii('\n');
  }

  private String prefix(int tid) {
    String comm = spaces.comm(spaces.pid(tid));
    return Plain.text(comm.isEmpty() ? "?" : comm) + " " + tid + " ";
  }

  private String words(int pid, long address) {
    if (pid != knownPid || known.size() == KNOWN_MAX) {
      known.clear();
      knownPid = pid;
    }
    String words = known.get(address);
    if (words == null) {
      words = words(symbolizer.locate(pid, address), address);
      known.put(address, words);
    }
    return words;
  }

  private static String words(Location location, long address) {
    if (location.module().isEmpty()) {
      return Long.toHexString(address);
    }
    String offset = "+0x" + Long.toHexString(location.offset());
    return Plain.text(
        location.function().isEmpty()
            ? location.moduleName() + offset
            : location.function() + offset + " (" + location.moduleName() + ")");
  }
}
