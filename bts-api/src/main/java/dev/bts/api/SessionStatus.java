package dev.bts.api;

/**
 * What a session is doing at one moment.
 *
 * @param state attached, tracing, paused or detached
 * @param config the configuration in force (PTRACE_BTS_STATUS)
 * @param fidelity what the trace holds so far
 * @param branches records made since the session was opened, later overwritten ones included
 * @param lost records lost since the session was opened: overwritten in a buffer that wraps, or
 *     never made because a buffer was full; each loss also stands in the stream
 * @param threads threads ever traced
 * @param liveThreads threads traced now
 * @param chargedPages pages charged now, all receipts together
 * @param peakPages the most pages ever charged at one time
 */
public record SessionStatus(
    TraceSession.State state,
    BtsConfig config,
    Fidelity fidelity,
    long branches,
    long lost,
    int threads,
    int liveThreads,
    long chargedPages,
    long peakPages) {}
