package dev.bts.api.charging;

/**
 * Pages that a trace needs.
 *
 * @param tracer the task that traces
 * @param tracee the task that is traced
 * @param pages how many pages; zero is allowed and charges nothing
 * @param chargeOther the requester insists on charging another principal's process
 */
public record ChargeRequest(
    TaskIdentity tracer, TaskIdentity tracee, long pages, boolean chargeOther) {
  /** Checks. */
  public ChargeRequest {
    if (pages < 0) {
      throw new IllegalArgumentException("pages: " + pages);
    }
  }
}
