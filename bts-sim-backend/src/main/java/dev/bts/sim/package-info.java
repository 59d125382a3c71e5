/**
 * The simulated backend: the interface of bts over a modelled machine.
 *
 * <p>{@link dev.bts.sim.SimTracer} opens sessions on a {@link dev.bts.sim.kernel.Machine}. Locks
 * are taken in one order: the machine's, then the ledger's.
 */
@NullMarked
package dev.bts.sim;

import org.jspecify.annotations.NullMarked;
