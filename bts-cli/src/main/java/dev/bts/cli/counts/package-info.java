/** Counts of what is in a trace, without an object per record. */
@NullMarked
package dev.bts.cli.counts;

import org.jspecify.annotations.NullMarked;
