package dev.bts.sim.kernel;

/** Pages of a memfd, charged to the control group of the task that filled them. */
public final class FilledPages implements Held {
  private final MemoryGroup payer;
  private final long pages;
  private boolean freed;

  FilledPages(MemoryGroup payer, long pages) {
    this.payer = payer;
    this.pages = pages;
  }

  @Override
  public void letGo() {
    if (!freed) {
      freed = true;
      payer.refund(pages);
    }
  }
}
