/**
 * The trace file {@code .bts}: a {@link dev.bts.cli.trace.TraceWriter} is a sink that streams a
 * trace to a file, a {@link dev.bts.cli.trace.TraceReader} hands a file, or a window of it, to a
 * {@link dev.bts.cli.trace.TraceVisitor}.
 *
 * <p>The format is described in {@code docs/trace-format.md}. Nothing here depends on the command
 * line; a Java program uses these classes like any other sink.
 */
@NullMarked
package dev.bts.cli.trace;

import org.jspecify.annotations.NullMarked;
