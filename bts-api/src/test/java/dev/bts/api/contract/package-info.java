/**
 * The contract test kit: what every backend must do, as tests that a backend runs.
 *
 * <p>A backend extends {@link dev.bts.api.contract.TraceSessionContract} in its own tests and says,
 * with a {@link dev.bts.api.contract.BackendFixture}, which programs to trace and how to read the
 * counters that it really charges. What a backend or machine cannot show is skipped with the
 * reason.
 */
@NullMarked
package dev.bts.api.contract;

import org.jspecify.annotations.NullMarked;
