/** Text written fast. */
@NullMarked
package dev.bts.cli.text;

import org.jspecify.annotations.NullMarked;
