package dev.bts.api;

import dev.bts.api.plan.PlanRequest;
import dev.bts.api.plan.Prospect;
import dev.bts.api.probe.ProbeReport;

/**
 * A backend: finds out what a machine can do and opens sessions on it. Found by ServiceLoader, or
 * bound by Guice.
 */
public interface BranchTracer {
  /** Returns the backend's name, such as {@code kernel} or {@code sim}. */
  String name();

  /**
   * Measures what works here. A capability is never inferred from the absence of an error. Takes up
   * to seconds, starts short-lived child processes, and leaves nothing behind.
   */
  ProbeReport probe();

  /**
   * Looks at who would be involved in a session, and at the accounts that could pay for its
   * buffers. Starts nothing and charges nobody.
   *
   * @throws TargetException if the process that would be traced is not there
   * @throws InvalidRequestException if the user is not known
   */
  Prospect prospect(PlanRequest request);

  /**
   * Brings the target under control and allocates and charges its buffer. The target stands until
   * {@link TraceSession#start}.
   *
   * @throws UnsupportedMechanismException if no acceptable mechanism works here
   * @throws InvalidRequestException if the policy charges accounts that the kernel does not charge
   *     for the memory of this mechanism; nothing is started
   * @throws TargetException if the target cannot be traced
   * @throws ChargeRefusedException if the payer cannot pay for the buffer
   */
  TraceSession open(TraceRequest request);

  /**
   * Returns the buffers of all sessions on the machine, this tracer's and others'.
   *
   * @throws InvalidRequestException if buffers of this backend cannot outlive the process that made
   *     them, so that there is nothing to find
   */
  default BufferInventory inventory() {
    throw new InvalidRequestException(
        new Explanation(
            "list the buffers of backend '" + name() + "'",
            "they are in the memory of the process that simulates the machine, and end with it",
            "use the backend 'kernel'; within that process, ask its ledger"));
  }
}
