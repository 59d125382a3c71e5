/** Tests of the helper process and of launching commands. */
@NullMarked
package dev.bts.kernel.sys;

import org.jspecify.annotations.NullMarked;
