package dev.bts.kernel.memory;

import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.ProcFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * What stands in the first bytes of every buffer's memory: what it is, and who made it.
 *
 * <p>A tracee that pays for its buffer can write here. So everything is a claim: it is bounded when
 * it is read, and whoever reads it compares it with what the kernel says or calls it a claim. The
 * header is never read by the session that wrote it.
 *
 * @param recordFormat what it holds: records in a layout, {@link #BTS24}, or {@link #TRANSLATION}
 * @param bytes the size of the memory, header included
 * @param ownerPid the process that records into it, in its own pid namespace
 * @param ownerStart when that process started, as field 22 of /proc/PID/stat has it
 * @param ownerNamespace the inode of the owner's pid namespace
 * @param createdMillis when the header was written, milliseconds since 1970
 * @param policy the policy that chose the payer
 */
record BufferHeader(
    int recordFormat,
    long bytes,
    int ownerPid,
    long ownerStart,
    long ownerNamespace,
    long createdMillis,
    String policy) {
  /** The format of 24 bytes, {@link dev.bts.api.record.Bts24}. */
  static final int BTS24 = 1;

  /** No records: translated code and what belongs to it. */
  static final int TRANSLATION = 2;

  /** The size of the header. Records begin behind it. */
  static final int SIZE_BYTES = 128;

  /**
   * The offset of the liveness word: the id of the thread that owns the buffer, or {@link
   * dev.bts.kernel.sys.RobustList#OWNER_DIED}.
   */
  static final int LIVENESS_OFFSET = 28;

  /** "BTSbuf" and two bytes that are no text. */
  private static final long MAGIC = 0x0a1a_6675_6253_5442L;

  private static final int VERSION = 1;
  private static final int MAGIC_OFFSET = 0;
  private static final int VERSION_OFFSET = 8;
  private static final int FORMAT_OFFSET = 12;
  private static final int BYTES_OFFSET = 16;
  private static final int OWNER_PID_OFFSET = 24;
  private static final int OWNER_START_OFFSET = 32;
  private static final int OWNER_NAMESPACE_OFFSET = 40;
  private static final int CREATED_OFFSET = 48;
  private static final int POLICY_OFFSET = 56;
  private static final int POLICY_BYTES = 40;

  /** Returns the header of a buffer that this process makes now. */
  static BufferHeader ofThisProcess(String policy, long bytes) {
    return ofThisProcess(BTS24, policy, bytes);
  }

  /** Returns the header of memory for translated code that this process makes now. */
  static BufferHeader ofTranslation(String policy, long bytes) {
    return ofThisProcess(TRANSLATION, policy, bytes);
  }

  private static BufferHeader ofThisProcess(int format, String policy, long bytes) {
    int pid = (int) ProcessHandle.current().pid();
    return new BufferHeader(
        format,
        bytes,
        pid,
        KernelTasks.startTime(pid),
        namespace(pid, "ns/pid"),
        System.currentTimeMillis(),
        policy);
  }

  /** Returns the inode of a process's namespace by its link, 0 if it cannot be read. */
  static long namespace(int pid, String link) {
    String digits = ProcFile.link(pid, link).replaceAll("[^0-9]", "");
    return digits.isEmpty() ? 0 : Long.parseLong(digits);
  }

  /** Writes everything but the liveness word. */
  void write(ByteBuffer memory) {
    byte[] name =
        Arrays.copyOf(
            Arrays.copyOf(policy.getBytes(StandardCharsets.UTF_8), POLICY_BYTES - 1), POLICY_BYTES);
    memory
        .putInt(VERSION_OFFSET, VERSION)
        .putInt(FORMAT_OFFSET, recordFormat)
        .putLong(BYTES_OFFSET, bytes)
        .putInt(OWNER_PID_OFFSET, ownerPid)
        .putLong(OWNER_START_OFFSET, ownerStart)
        .putLong(OWNER_NAMESPACE_OFFSET, ownerNamespace)
        .putLong(CREATED_OFFSET, createdMillis)
        .put(POLICY_OFFSET, name)
        .putLong(MAGIC_OFFSET, MAGIC);
  }

  /** Reads a header of this version, from at least {@link #SIZE_BYTES}; empty if it is none. */
  static Optional<BufferHeader> read(byte[] content) {
    ByteBuffer memory = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    if (memory.getLong(MAGIC_OFFSET) != MAGIC || memory.getInt(VERSION_OFFSET) != VERSION) {
      return Optional.empty();
    }
    int length = 0;
    while (length < POLICY_BYTES && content[POLICY_OFFSET + length] != 0) {
      length++;
    }
    return Optional.of(
        new BufferHeader(
            memory.getInt(FORMAT_OFFSET),
            memory.getLong(BYTES_OFFSET),
            memory.getInt(OWNER_PID_OFFSET),
            memory.getLong(OWNER_START_OFFSET),
            memory.getLong(OWNER_NAMESPACE_OFFSET),
            memory.getLong(CREATED_OFFSET),
            new String(content, POLICY_OFFSET, length, StandardCharsets.UTF_8)));
  }

  /** Reads the liveness word. */
  static int liveness(byte[] content) {
    return ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).getInt(LIVENESS_OFFSET);
  }

  /** Returns whether the size that the header names is that of so many pages. */
  boolean hasPages(long pages) {
    return bytes == pages * Mapping.PAGE_BYTES;
  }
}
