package dev.bts.cli.export;

import dev.bts.cli.trace.TraceVisitor;
import java.io.Closeable;

/** A trace in the form of another tool, written while it is read. */
public interface TraceExport extends TraceVisitor, Closeable {
  /** Writes what is left; once, when all was handed over. Without it the file is not whole. */
  void finish();
}
