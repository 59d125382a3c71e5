/**
 * Who would pay for the buffers of a session that has not started, and what fits.
 *
 * <p>{@link dev.bts.accounting.plan.Planner} rehearses the session: it lets each policy charge a
 * ledger of its own, buffer after buffer, as the session would.
 */
@NullMarked
package dev.bts.accounting.plan;

import org.jspecify.annotations.NullMarked;
