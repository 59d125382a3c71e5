/** Tests of real charges. */
@NullMarked
package dev.bts.kernel.memory;

import org.jspecify.annotations.NullMarked;
