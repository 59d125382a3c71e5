/** Calls and returns among the branches of a trace. */
@NullMarked
package dev.bts.cli.calls;

import org.jspecify.annotations.NullMarked;
