package dev.bts.sim.rules;

/** An event at which a buffer may be released. */
public enum Ending {
  /** It is resized or freed on request. */
  RESIZE(Facet.ON_RESIZE),
  /** The tracer detaches. */
  DETACH(Facet.ON_DETACH),
  /** The tracer ends without detaching. */
  TRACER_EXIT(Facet.ON_TRACER_EXIT),
  /** The tracee ends. */
  TRACEE_EXIT(Facet.ON_TRACEE_EXIT),
  /** The tracee is reaped. */
  REAP(Facet.ON_REAP),
  /** The last mapping goes. */
  UNMAP(Facet.ON_UNMAP),
  /** The last descriptor is closed. */
  CLOSE(Facet.ON_CLOSE),
  /** The address space that pays is torn down. */
  PAYER_GONE(Facet.ON_PAYER_GONE),
  /** A control group that pays, alone or beside the groups above it, is removed. */
  GROUP_GONE(Facet.ON_GROUP_GONE),
  /** The CPU that it is loaded on goes offline. */
  CPU_OFFLINE(Facet.ON_CPU_OFFLINE),
  /** A deferred worker runs. */
  WORK(Facet.ON_WORK);

  private final Facet facet;

  Ending(Facet facet) {
    this.facet = facet;
  }

  /** Returns the question that this event puts. */
  public Facet facet() {
    return facet;
  }

  /** Returns the choice for this event. */
  public Handling then(Pages pages, Refund refund) {
    return new Handling(this, pages, refund);
  }
}
