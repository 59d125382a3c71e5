package dev.bts.kernel;

import dev.bts.api.BufferInventory;
import dev.bts.kernel.memory.LiveBuffers;
import java.util.List;

/** The buffers of all bts sessions on this machine. */
final class KernelInventory implements BufferInventory {
  @Override
  public Listing list() {
    return LiveBuffers.list();
  }

  @Override
  public List<Reclaimed> reclaim(int pid) {
    return Reclamation.in(pid);
  }
}
