/**
 * The kernel backend's front door: {@link dev.bts.kernel.KernelTracer} and its sessions.
 *
 * <p>A session is a {@link dev.bts.kernel.ptrace.TraceLoop} on a platform thread of its own, with
 * buffers in {@code dev.bts.kernel.memory} that the kernel charges to the payer.
 */
@NullMarked
package dev.bts.kernel;

import org.jspecify.annotations.NullMarked;
