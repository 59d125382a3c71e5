/**
 * A small model of Linux for accounting and tracing: tasks, thread groups, address spaces, users,
 * limits and capabilities, with the kernel's own rules and error codes for locked memory.
 *
 * <p>Nothing here knows of bts. One call of {@link dev.bts.sim.kernel.Machine#step} is one step of
 * one task; time is the number of steps made. Two machines that are treated alike go through the
 * same states, to the bit.
 */
@NullMarked
package dev.bts.sim.kernel;

import org.jspecify.annotations.NullMarked;
