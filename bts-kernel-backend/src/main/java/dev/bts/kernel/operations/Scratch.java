package dev.bts.kernel.operations;

import dev.bts.kernel.helper.CallChannel;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.PerfEvent;
import dev.bts.kernel.sys.Rlimit;
import dev.bts.kernel.sys.Sys;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The layout of a few pages at a fixed address of every process of a sequence, for the arguments of
 * its calls and the stacks of those that share an address space. Forked children inherit them.
 */
final class Scratch {
  /** Where they are: between the helper's program and everything that the kernel maps. */
  static final long ADDRESS = 0x2000_0000L;

  /** A message that passes a descriptor. */
  static final long RIGHTS = ADDRESS;

  /** A struct rlimit64. */
  static final long LIMIT = ADDRESS + 0x100;

  /** The attribute of an event that counts nothing. */
  static final long EVENT = ADDRESS + 0x200;

  /** The path of the program that a process executes. */
  static final long PATH = ADDRESS + 0x300;

  /** The vector of its arguments. */
  static final long ARGUMENTS = ADDRESS + 0x340;

  /** A struct io_uring_params, all zero before a call. */
  static final long RING = ADDRESS + 0x380;

  private static final int FILLED_BYTES = 0x400;
  private static final int PAGES = 8;
  private static final long STACK_OFFSET = 0x800;
  private static final byte[] SELF = "/proc/self/exe\0".getBytes(StandardCharsets.US_ASCII);

  private Scratch() {}

  /** Returns the stack of the process or thread with this name. */
  static long stack(int name) {
    return ADDRESS + (name + 1) * Mapping.PAGE_BYTES + STACK_OFFSET;
  }

  /** Maps and fills the pages. */
  static void map(CallChannel process) {
    Errno.check(
        process.call(
            Sys.MMAP,
            ADDRESS,
            PAGES * Mapping.PAGE_BYTES,
            Mapping.PROT_READ | Mapping.PROT_WRITE,
            Mapping.MAP_PRIVATE | Mapping.MAP_ANONYMOUS | Mapping.MAP_FIXED_NOREPLACE,
            -1,
            0),
        "map memory in a helper process");
    ByteBuffer content = ByteBuffer.allocate(FILLED_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    content.put((int) (EVENT - ADDRESS), PerfEvent.dummy());
    content.put((int) (PATH - ADDRESS), SELF);
    content.putLong((int) (ARGUMENTS - ADDRESS), PATH);
    process.write(ADDRESS, content.array());
    process.scratch(RIGHTS);
  }

  /** Returns a struct rlimit64. */
  static byte[] limit(long soft, long hard) {
    ByteBuffer limit = ByteBuffer.allocate(Rlimit.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    limit.putLong(Rlimit.SOFT_OFFSET, soft).putLong(Rlimit.HARD_OFFSET, hard);
    return limit.array();
  }
}
