/**
 * How kernels charge, as pure transition functions over a small bounded machine.
 *
 * <p>{@link dev.bts.sim.rules.Rules} say how one kernel, or bts itself, accounts: a set of {@link
 * dev.bts.sim.rules.Choice}s, one for each {@link dev.bts.sim.rules.Facet}. {@link
 * dev.bts.sim.rules.Transitions} carry an operation out on a {@link dev.bts.sim.rules.World} under
 * such rules, and {@link dev.bts.sim.rules.Invariants} say what must be true of it afterwards. The
 * payers are {@link dev.bts.api.charging.ChargingPolicy} objects: those that are shipped, and small
 * ones that compute what a historic kernel computed.
 */
@NullMarked
package dev.bts.sim.rules;

import org.jspecify.annotations.NullMarked;
