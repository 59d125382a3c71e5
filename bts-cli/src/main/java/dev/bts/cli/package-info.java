/** The command {@code bts}: one class per verb. */
@NullMarked
package dev.bts.cli;

import org.jspecify.annotations.NullMarked;
