/**
 * Experiments: what charging policies do to the users of a machine, measured on the modelled one
 * for every combination of policies, parameters and seeds.
 */
@NullMarked
package dev.bts.sim.experiment;

import org.jspecify.annotations.NullMarked;
