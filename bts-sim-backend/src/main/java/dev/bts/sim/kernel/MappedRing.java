package dev.bts.sim.kernel;

/** A perf ring in an address space; it keeps the event's file open. Not inherited, never split. */
record MappedRing(PerfEvent event) implements Area.Backing {
  @Override
  public boolean special() {
    return true;
  }

  @Override
  public boolean inherited() {
    return false;
  }

  @Override
  public void opened() {
    event.refer();
  }

  @Override
  public void closed(AddressSpace mm) {
    event.unmap(mm);
    event.forget();
  }
}
