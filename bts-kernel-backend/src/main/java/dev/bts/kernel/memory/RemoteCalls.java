package dev.bts.kernel.memory;

/**
 * System calls that some task executes for us: a stopped tracee, a helper, or the calling thread.
 *
 * <p>A task that cannot execute calls any more answers {@code -ESRCH}.
 */
public interface RemoteCalls {
  /** Returns the process whose address space and descriptors the calls work on. */
  int pid();

  /** Returns whether the calls work on the address space that a process uses. */
  default boolean workOnMemoryOf(int pid) {
    return pid() == pid;
  }

  /** Returns the thread that executes the calls; capabilities are a thread's own. */
  default int tid() {
    return pid();
  }

  /** Makes a system call; returns its result, or a negative errno. */
  long call(int number, long a, long b, long c, long d, long e, long f);

  /** Copies bytes to an address of the process. */
  void write(long address, byte[] bytes);

  /** Returns the address of memory for small arguments, such as a name. Overwritten at any time. */
  long scratch();

  /** Returns the size of the scratch memory: 64 bytes are enough for this package. */
  int scratchBytes();

  /** Copies an argument into the scratch memory; returns its address. */
  default long argument(byte[] bytes) {
    if (bytes.length > scratchBytes()) {
      throw new IllegalArgumentException(
          bytes.length + " bytes for a scratch memory of " + scratchBytes());
    }
    write(scratch(), bytes);
    return scratch();
  }
}
