/** Tests of the translator, without a process. */
@NullMarked
package dev.bts.kernel.software;

import org.jspecify.annotations.NullMarked;
