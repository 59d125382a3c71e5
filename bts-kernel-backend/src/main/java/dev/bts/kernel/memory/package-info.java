/**
 * Buffer memory that the kernel really charges to the payer of a plan.
 *
 * <p>{@link dev.bts.kernel.memory.ChargedMemory} is the place where ledger and kernel meet: the
 * ledger predicts, the kernel decides, and where they differ both numbers are reported. {@link
 * dev.bts.kernel.memory.KernelPlaces} knows for which plans there is memory that the kernel charges
 * in just this way; the implementations of {@link dev.bts.kernel.memory.BufferMemory} are those
 * places. {@link dev.bts.kernel.memory.KernelAccounts} reads the kernel's counters and limits.
 */
@NullMarked
package dev.bts.kernel.memory;

import org.jspecify.annotations.NullMarked;
