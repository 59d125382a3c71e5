/**
 * A session before it starts: what is planned, and what a backend knows of who would be involved.
 *
 * <p>The answer, who would pay and what fits, is computed in {@code dev.bts.accounting.plan}.
 */
@NullMarked
package dev.bts.api.plan;

import org.jspecify.annotations.NullMarked;
