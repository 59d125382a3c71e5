package dev.bts.cli.export;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.counts.FlowCounts;
import dev.bts.cli.symbols.AddressSpaces;
import dev.bts.cli.symbols.Symbolizer;
import dev.bts.cli.trace.TraceHeader;
import java.io.IOException;
import java.nio.file.Path;

/** The profile of one program's file, as BOLT takes it: sums that are written at the end. */
abstract class ProgramProfile extends TextExport implements FlowCounts.Consumer {
  private final AddressSpaces spaces = new AddressSpaces();
  private final Symbolizer symbolizer = new Symbolizer(spaces);
  private final FlowCounts counts = new FlowCounts(spaces, this);
  private final Binary binary;
  private final boolean predictionKnown;

  ProgramProfile(Path path, TraceHeader header, ExportOptions options) throws IOException {
    super(path);
    binary = new Binary(options.binary());
    predictionKnown = header.mechanism().recordsIntoPerfRing();
  }

  final Symbolizer symbolizer() {
    return symbolizer;
  }

  final Binary binary() {
    return binary;
  }

  /** Returns a number of mispredictions, 0 if the mechanism does not know any. */
  final long known(long mispredicted) {
    return predictionKnown ? mispredicted : 0;
  }

  @Override
  public final void branches(BranchCursor cursor) {
    counts.branches(cursor);
  }

  @Override
  public final void event(SideEvent event) {
    binary.event(event);
    counts.event(event);
  }

  @Override
  public final void finish() {
    counts.finish();
    write();
    out().flush();
  }

  /** Writes the sums. */
  abstract void write();
}
