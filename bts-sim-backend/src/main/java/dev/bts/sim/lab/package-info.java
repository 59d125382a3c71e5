/**
 * The policy lab: looks at all that can happen on a small machine under some {@link
 * dev.bts.sim.rules.Rules}, and says whether the invariants of accounting hold.
 *
 * <p>{@link dev.bts.sim.lab.Explorer} goes breadth first through all interleavings of all
 * operations within {@link dev.bts.sim.rules.Bounds}; what it finds is an {@link
 * dev.bts.sim.lab.Exploration}: all states hold, or a shortest {@link
 * dev.bts.sim.lab.Counterexample}, or, where a limit ended it, a partial answer.
 */
@NullMarked
package dev.bts.sim.lab;

import org.jspecify.annotations.NullMarked;
