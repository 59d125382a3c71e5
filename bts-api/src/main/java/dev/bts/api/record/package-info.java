/**
 * Branch records, the Debug Store area that holds them, and the stream that a sink receives.
 *
 * <p>A record takes one straight way: from the mechanism into a {@link
 * dev.bts.api.record.BranchBuffer}, from there through a {@link dev.bts.api.record.BranchCursor} to
 * a {@link dev.bts.api.record.TraceSink}. Nothing is allocated per record.
 */
@NullMarked
package dev.bts.api.record;

import org.jspecify.annotations.NullMarked;
