package dev.bts.kernel.memory;

import dev.bts.api.BufferInventory;
import dev.bts.api.LiveBuffer;
import dev.bts.kernel.sys.ProcFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds buffers from outside, by what processes have mapped: memfds and System V segments with the
 * names that bts gives. Processes may come and go meanwhile.
 */
public final class LiveBuffers {
  private LiveBuffers() {}

  /** Returns the buffers of all processes that the caller may look at, in order of their pids. */
  public static BufferInventory.Listing list() {
    Map<String, List<BufferHolder>> holders = new LinkedHashMap<>();
    int hidden = 0;
    for (int pid : ProcFile.processes().stream().sorted().toList()) {
      List<BufferHolder> found = BufferHolder.in(pid);
      found.forEach(h -> holders.computeIfAbsent(h.key(), key -> new ArrayList<>()).add(h));
      if (found.isEmpty()
          && ProcFile.hasMemory(pid)
          && ProcFile.isDenied(ProcFile.shared(pid, "maps"))) {
        hidden++;
      }
    }
    List<LiveBuffer> buffers =
        holders.values().stream().map(each -> new FoundBuffer(each).describe()).toList();
    return new BufferInventory.Listing(buffers, hidden);
  }
}
