/**
 * What simulated tasks execute: programs that branch, deterministic to the bit.
 *
 * <p>A {@link dev.bts.sim.program.Program} is asked for one {@link dev.bts.sim.program.Action} at a
 * time: a taken branch or a system call. It knows nothing of the machine that carries the action
 * out.
 */
@NullMarked
package dev.bts.sim.program;

import org.jspecify.annotations.NullMarked;
