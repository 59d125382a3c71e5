package dev.bts.sim.kernel;

/**
 * What the first bytes of a trace buffer say, for whoever finds it after its tracer has died.
 *
 * @param policy the policy that chose the payer
 * @param owner who records into it; whether it lives is what the robust liveness word tells
 */
public record BufferHeader(String policy, Task owner) {}
