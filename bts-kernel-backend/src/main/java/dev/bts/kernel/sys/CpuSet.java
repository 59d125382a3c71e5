package dev.bts.kernel.sys;

/** A set of CPUs ({@code cpu_set_t}) and the calls that read and set a thread's. */
public final class CpuSet implements AutoCloseable {
  /** The size of a set in bytes: 1,024 CPUs, as in glibc. */
  public static final int BYTES = 128;

  private final NativeBuffer memory = new NativeBuffer(BYTES);

  /** Reads the CPUs that a thread may run on; returns 0 or a negative errno. */
  public long readFrom(int tid) {
    for (int at = 0; at < BYTES; at += Long.BYTES) {
      memory.bytes().putLong(at, 0);
    }
    return Math.min(0, Sys.call(Sys.SCHED_GETAFFINITY, tid, BYTES, memory.address(), 0));
  }

  /** Sets the CPUs that a thread may run on; returns 0 or a negative errno. */
  public long applyTo(int tid) {
    return Sys.call(Sys.SCHED_SETAFFINITY, tid, BYTES, memory.address(), 0);
  }

  /** Makes this the set of one CPU. */
  public void only(int cpu) {
    for (int at = 0; at < BYTES; at += Long.BYTES) {
      memory.bytes().putLong(at, 0);
    }
    int word = cpu / Long.SIZE * Long.BYTES;
    memory.bytes().putLong(word, 1L << (cpu % Long.SIZE));
  }

  /** Returns whether the set has this CPU. */
  public boolean contains(int cpu) {
    return (memory.bytes().get(cpu / Byte.SIZE) & (1 << (cpu % Byte.SIZE))) != 0;
  }

  /** Returns the set as bytes. */
  public byte[] bytes() {
    byte[] copy = new byte[BYTES];
    memory.bytes().get(0, copy);
    return copy;
  }

  /** Returns the CPU that the calling thread runs on. */
  public static int current() {
    try (NativeBuffer cpu = new NativeBuffer(Integer.BYTES)) {
      Errno.check(Sys.call(Sys.GETCPU, cpu.address(), 0), "ask for the present CPU");
      return cpu.bytes().getInt(0);
    }
  }

  @Override
  public void close() {
    memory.close();
  }
}
