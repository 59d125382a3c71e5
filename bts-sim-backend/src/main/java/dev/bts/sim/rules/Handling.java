package dev.bts.sim.rules;

/**
 * What happens to a buffer at one {@link Ending}.
 *
 * @param ending the event
 * @param pages what becomes of the pages
 * @param refund who is refunded
 */
public record Handling(Ending ending, Pages pages, Refund refund) implements Choice {
  @Override
  public Facet facet() {
    return ending.facet();
  }

  @Override
  public String label() {
    return "pages " + pages.label() + ", refund to " + refund.label();
  }
}
