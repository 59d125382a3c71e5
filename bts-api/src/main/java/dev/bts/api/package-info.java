/**
 * Tracers, requests and sessions: how a program is traced.
 *
 * <p>A {@link dev.bts.api.BranchTracer} (a backend) measures what a machine can do and opens {@link
 * dev.bts.api.TraceSession}s from {@link dev.bts.api.TraceRequest}s. What a session records is read
 * through {@link dev.bts.api.record}; who pays for the memory is decided through {@link
 * dev.bts.api.charging}.
 */
@NullMarked
package dev.bts.api;

import org.jspecify.annotations.NullMarked;
