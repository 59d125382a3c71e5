/**
 * The interface of perf_event: layouts of what the kernel writes, and cursors over it. The layouts
 * are those of {@code linux/perf_event.h}; integers are little endian, as on x86-64.
 */
@NullMarked
package dev.bts.kernel.perf;

import org.jspecify.annotations.NullMarked;
