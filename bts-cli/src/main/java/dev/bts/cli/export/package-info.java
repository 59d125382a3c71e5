/** Traces in the forms of other tools. */
@NullMarked
package dev.bts.cli.export;

import org.jspecify.annotations.NullMarked;
