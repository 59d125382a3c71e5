package dev.bts.kernel.ptrace;

import dev.bts.kernel.software.Translation;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.MapsLine;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.x86.Decoder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a traced process ({@code mm_struct}): its areas, its bytes, and the cave that bts
 * borrows in it. Threads share one, and a vforked child shares its parent's until it execs.
 */
final class AddressSpace {
  private static final int READ_BYTES_MAX = 4096;

  private final int pid;

  /** A thread that has had this memory when it was last looked for. */
  private int anyThread;

  private final ForeignBytes foreign = new ForeignBytes(READ_BYTES_MAX);
  private final Decoder decoder;
  private final CodeCache code;

  /** Null until somebody asks: before its first stop a process may execute another program. */
  private @Nullable List<MemoryArea> areas;

  private long caveAddress;
  private @Nullable Translation translation;
  private Consumer<AddressSpace> standstill = nobody -> {};
  private @Nullable WrittenCode writtenCode;
  private boolean writesUnwatched;
  private boolean untranslatable;
  private int users = 1;

  AddressSpace(int pid, Decoder decoder) {
    this.pid = pid;
    this.anyThread = pid;
    this.decoder = decoder;
    this.code = new CodeCache(this, decoder);
  }

  /** Counts one more process that shares this memory. */
  AddressSpace share() {
    users++;
    return this;
  }

  /** Returns the copy that a forked child has. */
  AddressSpace fork(int childPid) {
    AddressSpace copy = new AddressSpace(childPid, decoder);
    copy.caveAddress = caveAddress;
    return copy;
  }

  /** Returns whether only one process uses this memory. */
  boolean lastUser() {
    return users == 1;
  }

  /** Counts one process less; returns whether nobody is left. */
  boolean release() {
    return --users == 0;
  }

  /** Frees what this object holds in the tracer. */
  void close() {
    closeWrittenCode();
    foreign.close();
  }

  /** Returns what is known of the instructions. */
  CodeCache code() {
    return code;
  }

  /** Forgets all translated code, to have room for other. */
  void forgetCode() {
    if (translation != null) {
      standstill.accept(this);
      translation.clear();
    }
  }

  /** Forgets what is known of the code in a piece of memory, because it may have changed. */
  void forgetCode(long from, long to) {
    code.clear();
    if (translation != null && translation.isOf(from, to)) {
      standstill.accept(this);
      translation.forget(from, to);
    }
    if (writtenCode != null) {
      writtenCode.release(from, to);
    }
  }

  /** Returns the translated code, null if there is none. */
  @Nullable Translation translation() {
    return translation;
  }

  /**
   * Sets what the code is translated to.
   *
   * @param takesEverybodyOut is called before the translation is forgotten
   */
  void setTranslation(Translation fresh, Consumer<AddressSpace> takesEverybodyOut) {
    translation = fresh;
    standstill = takesEverybodyOut;
  }

  /** Whether it was found that the code cannot be translated. */
  boolean untranslatable() {
    return untranslatable;
  }

  /** Has the code executed as it is from now on. */
  void giveUpTranslation() {
    untranslatable = true;
    translation = null;
    closeWrittenCode();
  }

  /** Returns what tells of writes to code, null if nobody does. */
  @Nullable WrittenCode writtenCode() {
    return writtenCode;
  }

  /** Sets what tells of writes to code. */
  void setWrittenCode(WrittenCode fresh) {
    writtenCode = fresh;
  }

  /** Whether it was found that nobody can tell of writes to code. */
  boolean writesUnwatched() {
    return writesUnwatched;
  }

  /** Says that nobody can tell of writes to code. */
  void leaveWritesUnwatched() {
    writesUnwatched = true;
  }

  private void closeWrittenCode() {
    if (writtenCode != null) {
      writtenCode.close();
      writtenCode = null;
    }
  }

  /**
   * Lets the pages of a piece of memory be written to whose writes were reported, and forgets what
   * was known of their code.
   *
   * @return whether there were any
   */
  boolean letWrite(long from, long to) {
    if (writtenCode == null) {
      return false;
    }
    List<Long> pages = writtenCode.pages(from, to);
    for (long page : pages) {
      forgetCode(page, page + Mapping.PAGE_BYTES);
    }
    return !pages.isEmpty();
  }

  /** Returns the areas as last read. */
  List<MemoryArea> areas() {
    List<MemoryArea> known = areas;
    if (known == null) {
      known = programAreas();
      areas = known;
    }
    return known;
  }

  private List<MemoryArea> programAreas() {
    List<MemoryArea> now = allAreas();
    now.removeIf(MemoryArea::isOfBts);
    return now;
  }

  /** Reads what is mapped, what bts has mapped included, in order of addresses. */
  List<MemoryArea> allAreas() {
    List<MemoryArea> now = new ArrayList<>();
    for (MapsLine line : MapsLine.of(pid)) {
      now.add(MemoryArea.of(line));
    }
    return now;
  }

  /** Reads the areas anew; returns the executable ones that were not there before. */
  List<MemoryArea> refresh() {
    List<MemoryArea> before = areas == null ? List.of() : areas;
    List<MemoryArea> now = programAreas();
    List<MemoryArea> added = new ArrayList<>();
    for (MemoryArea area : now) {
      if (area.executable() && !before.contains(area)) {
        added.add(area);
      }
    }
    areas = now;
    if (!added.isEmpty() && translation != null) {
      translation.reconsider();
    }
    return added;
  }

  /** Returns the area that an address lies in, null if none is known. */
  @Nullable MemoryArea areaOf(long address) {
    for (MemoryArea area : areas()) {
      if (area.contains(address)) {
        return area;
      }
    }
    return null;
  }

  /**
   * Reads memory.
   *
   * @throws TaskVanished if the task is gone
   * @throws dev.bts.api.KernelException if the kernel refuses: what is there is not known then
   * @return the bytes that could be read, from 0 to the limit, fewer than asked for where the
   *     mapping ends; valid until the next read
   */
  ByteBuffer read(int tid, long address, int bytes) {
    int asked = Math.min(bytes, READ_BYTES_MAX);
    long got = foreign.read(tid, address, asked);
    long pageRest = READ_BYTES_MAX - (address & (READ_BYTES_MAX - 1));
    if (got == -Errno.EFAULT && pageRest < asked) {
      got = foreign.read(tid, address, (int) pageRest);
    }
    if (got == -Errno.EFAULT) {
      got = 0;
    }
    foreign.bytes().position(0).limit((int) Stops.demand(tid, got));
    return foreign.bytes();
  }

  /**
   * Reads memory as {@link #read(int, long, int)} does, by any thread that has it.
   *
   * @throws TaskVanished if none has it any more
   */
  ByteBuffer read(long address, int bytes) {
    try {
      return read(anyThread, address, bytes);
    } catch (TaskVanished exited) {
      anyThread = ProcFile.threadWithMemory(pid);
      return read(anyThread, address, bytes);
    }
  }

  /**
   * Fills an array from memory that is mapped and readable.
   *
   * @throws TaskVanished if the task is gone
   * @throws dev.bts.api.KernelException if the kernel refuses
   */
  void readAll(int tid, long address, byte[] into) {
    long got = Stops.demand(tid, foreign.read(tid, address, into.length));
    if (got != into.length) {
      Errno.check(-Errno.EFAULT, "read " + into.length + " bytes of task " + tid);
    }
    // The limit is that of the read before.
    foreign.bytes().clear().get(into);
  }

  /** Returns the address of the cave, 0 if it is not dug yet. */
  long cave() {
    return caveAddress;
  }

  /** Says where the cave is. */
  void setCave(long address) {
    caveAddress = address;
  }

  /**
   * Looks for a place for the cave: unused zero bytes at the end of an executable private mapping,
   * first behind the vDSO, which the program never looks at. A cave that a dead tracer left is
   * taken over as it is.
   *
   * @return the address, 0 if there is none
   */
  long findCave(int tid) {
    for (MemoryArea area : areas()) {
      if (area.path().equals(MemoryArea.VDSO) && hasRoom(tid, area)) {
        return area.end() - CaveLayout.BYTES;
      }
    }
    for (MemoryArea area : areas()) {
      if (area.stableCode() && area.readable() && hasRoom(tid, area)) {
        return area.end() - CaveLayout.BYTES;
      }
    }
    return 0;
  }

  private boolean hasRoom(int tid, MemoryArea area) {
    ByteBuffer tail = read(tid, area.end() - CaveLayout.BYTES, CaveLayout.BYTES);
    if (tail.remaining() < CaveLayout.BYTES) {
      return false;
    }
    byte[] bytes = new byte[CaveLayout.BYTES];
    tail.get(bytes);
    return CaveLayout.isUnused(bytes) || CaveLayout.isCave(bytes);
  }
}
