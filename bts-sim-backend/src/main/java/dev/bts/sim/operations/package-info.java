/**
 * The model as an executor of operations: {@link dev.bts.sim.kernel} made like a machine, for the
 * comparison with it.
 */
@NullMarked
package dev.bts.sim.operations;

import org.jspecify.annotations.NullMarked;
