package dev.bts.kernel.ptrace;

import dev.bts.kernel.sys.UserRegs;
import dev.bts.kernel.x86.DecodeStatus;
import dev.bts.kernel.x86.Decoder;
import dev.bts.kernel.x86.Instruction;
import dev.bts.kernel.x86.StepFacts;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The {@link Site}s of an address space: decoded once where code cannot change under its mapping,
 * and each time anew where it can (writable or shared code).
 *
 * <p>An open-addressing hash table; finding a site allocates nothing.
 */
final class CodeCache {
  private static final int SLOTS_FIRST = 1 << 12;
  private static final long MULTIPLIER = 0x9e3779b97f4a7c15L;
  private static final long VSYSCALL_START = 0xffffffffff600000L;
  private static final long VSYSCALL_END = 0xffffffffff601000L;

  private final AddressSpace memory;
  private final Decoder decoder;
  private final Instruction instruction = new Instruction();
  private long[] addresses = new long[SLOTS_FIRST];
  private int[] sites = new int[SLOTS_FIRST];
  private int used;

  CodeCache(AddressSpace memory, Decoder decoder) {
    this.memory = memory;
    this.decoder = decoder;
  }

  /** Returns the site at an address. */
  int site(int tid, long address) {
    int slot = slot(address);
    while (addresses[slot] != 0) {
      if (addresses[slot] == address) {
        return sites[slot];
      }
      slot = (slot + 1) & (addresses.length - 1);
    }
    int site = decode(tid, address);
    if (isStable(address)) {
      put(slot, address, site);
    }
    return site;
  }

  /** Forgets everything. */
  void clear() {
    Arrays.fill(addresses, 0);
    used = 0;
  }

  /** Returns whether the conditional branch at an address is taken with these registers. */
  boolean conditionHolds(int tid, long address, Registers registers) {
    return read(tid, address)
        && instruction.isTaken(registers.get(UserRegs.EFLAGS), registers.get(UserRegs.RCX));
  }

  /** Returns the instruction at an address, valid until the next question; null if it is none. */
  @Nullable Instruction instructionAt(int tid, long address) {
    return read(tid, address) ? instruction : null;
  }

  private int slot(long address) {
    return (int) ((address * MULTIPLIER) >>> 32) & (addresses.length - 1);
  }

  private void put(int slot, long address, int site) {
    addresses[slot] = address;
    sites[slot] = site;
    used++;
    if (used > addresses.length / 2) {
      grow();
    }
  }

  private void grow() {
    long[] oldAddresses = addresses;
    int[] oldSites = sites;
    addresses = new long[oldAddresses.length * 2];
    sites = new int[oldSites.length * 2];
    for (int i = 0; i < oldAddresses.length; i++) {
      if (oldAddresses[i] != 0) {
        int slot = slot(oldAddresses[i]);
        while (addresses[slot] != 0) {
          slot = (slot + 1) & (addresses.length - 1);
        }
        addresses[slot] = oldAddresses[i];
        sites[slot] = oldSites[i];
      }
    }
  }

  private boolean isStable(long address) {
    MemoryArea area = memory.areaOf(address);
    if (area == null) {
      memory.refresh();
      area = memory.areaOf(address);
    }
    // The last instruction of an area may reach into the next one.
    return area != null && area.stableCode() && area.contains(address + Instruction.MAX_LENGTH);
  }

  private int decode(int tid, long address) {
    if (address >= VSYSCALL_START && address < VSYSCALL_END) {
      return Site.of(Site.VSYSCALL, 0);
    }
    if (!read(tid, address)) {
      return Site.of(Site.PLAIN, 0);
    }
    int length = instruction.length();
    int site = Site.of(kind(), length);
    boolean toNext =
        instruction.controlFlow().isConditional()
            && instruction.target() == instruction.nextAddress();
    return toNext ? Site.withTargetNext(site) : site;
  }

  private int kind() {
    return switch (instruction.controlFlow()) {
      case CONDITIONAL_JUMP, COUNTED_JUMP, TRANSACTION_BEGIN -> Site.CONDITIONAL;
      case DIRECT_JUMP,
          INDIRECT_JUMP,
          DIRECT_CALL,
          INDIRECT_CALL,
          RETURN,
          FAR_JUMP,
          FAR_CALL,
          FAR_RETURN ->
          Site.BRANCH;
      case INTERRUPT_RETURN -> Site.LOADS_FLAGS;
      case SYSCALL -> Site.SYSTEM_CALL;
      case SYSENTER, INTERRUPT -> Site.OTHER_SYSTEM_CALL;
      case BREAKPOINT, DEBUG_TRAP -> Site.TRAPS;
      default -> {
        if (StepFacts.pushesFlags(instruction)) {
          yield Site.STORES_FLAGS;
        }
        if (StepFacts.popsFlags(instruction)) {
          yield Site.LOADS_FLAGS;
        }
        yield StepFacts.loadsStackSegment(instruction) ? Site.LOADS_STACK_SEGMENT : Site.PLAIN;
      }
    };
  }

  private boolean read(int tid, long address) {
    ByteBuffer bytes = memory.read(tid, address, Instruction.MAX_LENGTH);
    return decoder.decode(bytes, 0, bytes.limit(), address, instruction) == DecodeStatus.COMPLETE;
  }
}
