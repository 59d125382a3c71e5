package dev.bts.kernel.ptrace;

import dev.bts.kernel.memory.TraceePlace;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Has memory charged that belongs to the engine, and part of which a tracee uses as well. */
public interface SharedPages {
  /**
   * Charges and maps, while the tracee stands. The memory is refunded and unmapped when the tracee
   * is let go or has lost its address space, before the observer's next call is over.
   *
   * @param place where the tracee is to have it, null if it does not use it
   * @throws dev.bts.api.BtsException if policy or kernel refuse; nothing is charged
   */
  ByteBuffer allocate(Tracee tracee, @Nullable TraceePlace place, long pages);

  /**
   * Unmaps and refunds what a tracee has, which stands and does not use it any more.
   *
   * @throws dev.bts.api.KernelException if the kernel did not take it; it is refunded nevertheless
   */
  void release(Tracee tracee);
}
