package dev.bts.kernel.software;

import java.util.Arrays;

/**
 * An arena of translated code, with the {@link Point}s of its addresses and a copy of the lookup of
 * indirect targets, which all code in it jumps to.
 */
final class CodeArena extends Emitter {
  private static final int POINTS_FIRST = 1 << 12;

  /** Less than 2 GiB by the size of a library; each operand is looked at again. */
  private static final long NEAR_BYTES = 0x7c00_0000L;

  private final int liveness;
  private final int lookup;
  private final int translated;
  private final int translatedPoints;
  private int[] offsets = new int[POINTS_FIRST];
  private Point[] points = new Point[POINTS_FIRST];
  private long[] addresses = new long[POINTS_FIRST];
  private int[] paths = new int[POINTS_FIRST];
  private int used;

  /**
   * Begins an arena.
   *
   * @param reservedBytes how much room for other code to keep at its beginning
   * @param targets what its code looks indirect targets up in
   */
  CodeArena(Arena arena, int reservedBytes, TargetTable targets) {
    super(arena);
    liveness = targets.liveness();
    moveTo(reservedBytes);
    lookup = reservedBytes;
    emitLookup(targets.heads());
    translated = position();
    translatedPoints = used;
  }

  /** Forgets all translated code. */
  void clear() {
    moveTo(translated);
    used = translatedPoints;
  }

  /** Returns the address of the lookup. */
  long lookup() {
    return arena().address() + lookup;
  }

  /** Returns the address of a byte that is 0 as long as the tracer lives. */
  int liveness() {
    return liveness;
  }

  boolean hasRoomFor(int bytes) {
    return position() + bytes <= arena().size();
  }

  /** Returns whether code at an address, and what it refers to, is within reach from here. */
  boolean isNear(long address) {
    return Math.abs(address - arena().address()) < NEAR_BYTES;
  }

  /** Takes back what was emitted from a position on. */
  void backTo(int position) {
    moveTo(position);
    while (used > 0 && offsets[used - 1] >= position) {
      used--;
    }
  }

  /**
   * Says what the addresses from here on stand for.
   *
   * @param address an address of the program, 0 if the point has none
   * @param path a path that is still to be recorded, 0 for none
   */
  void point(Point point, long address, int path) {
    if (used == offsets.length) {
      offsets = Arrays.copyOf(offsets, 2 * used);
      points = Arrays.copyOf(points, 2 * used);
      addresses = Arrays.copyOf(addresses, 2 * used);
      paths = Arrays.copyOf(paths, 2 * used);
    }
    offsets[used] = position();
    points[used] = point;
    addresses[used] = address;
    paths[used] = path;
    used++;
  }

  /** Returns the index of the point that an address of this arena belongs to, negative if none. */
  int find(long address) {
    int offset = (int) (address - arena().address());
    int index = Arrays.binarySearch(offsets, 0, used, offset);
    return index >= 0 ? index : -index - 2;
  }

  /** Returns whether an address is that of the int3 of a way out. */
  boolean isExit(long address) {
    int index = find(address);
    return index >= 0
        && points[index] == Point.EXIT
        && arena().address() + offsets[index] == address;
  }

  /** Returns the place with an index. */
  Translation.Place placeAt(int index) {
    return new Translation.Place(points[index], addresses[index], paths[index]);
  }

  /**
   * The lookup of an indirect branch: the target is in rcx, whose own value is put aside, the path
   * in the thread's area. Records the path and goes on at the target's translation, or leaves.
   */
  private void emitLookup(int heads) {
    point(Point.LOOKUP_TARGET_IN_RCX, 0, 0);
    store(ThreadArea.TARGET, RCX);
    point(Point.LOOKUP_RCX_ASIDE, 0, 0);
    store(ThreadArea.RAX, RAX);
    point(Point.LOOKUP_RAX_ASIDE, 0, 0);
    store(ThreadArea.RDX, RDX);
    point(Point.LOOKUP_TAKEN, 0, 0);
    emit(0x48, 0x89, 0xca); // mov rdx, rcx
    emit(0x48, 0xf7, 0xd2); // not rdx
    emit(0x0f, 0xb7, 0xc1); // movzx eax, cx
    emit(0x8b, 0x04, 0x85); // mov eax, [rax * 4 + heads]
    int32(heads);
    int next = position();
    emit(0x89, 0xc1); // mov ecx, eax
    jumpIfRcxZero(0);
    int ifMissing = position();
    emit(0x48, 0x8b, 0x08); // mov rcx, [rax + KEY]
    emit(0x48, 0x8d, 0x4c, 0x11, 0x01); // lea rcx, [rcx + rdx + 1]: zero if it is the target
    jumpIfRcxZero(0);
    int ifFound = position();
    emit(0x8b, 0x40, TargetTable.NEXT); // mov eax, [rax + NEXT]
    emit(0xeb, next - (position() + 2)); // jmp next
    land(ifMissing);
    emit(0x48, 0x8d, 0x05); // lea rax, [rip + exit]
    int toExit = position();
    int32(0);
    emit(0xeb, 4); // jmp over the next instruction
    land(ifFound);
    emit(0x48, 0x8b, 0x40, TargetTable.VALUE); // mov rax, [rax + VALUE]
    store(ThreadArea.DESTINATION, RAX);
    emit(0x48, 0xf7, 0xd2); // not rdx
    load(RCX, ThreadArea.INDEX);
    storeRdxAtRcx(ThreadArea.END + Integer.BYTES);
    loadEax(ThreadArea.SITE);
    storeEaxAtRcx(ThreadArea.END);
    emit(0x48, 0x8d, 0x41, Integer.BYTES + Long.BYTES); // lea rax, [rcx + 12]
    store(ThreadArea.INDEX, RAX);
    point(Point.LOOKUP_RECORDED, 0, 0);
    int[] ifFull = new int[3];
    for (int i = 0; i < ifFull.length; i++) {
      addToRcx(Integer.BYTES);
      jumpIfRcxZero(0);
      ifFull[i] = position();
    }
    giveBack();
    jumpThrough(ThreadArea.DESTINATION);
    for (int site : ifFull) {
      land(site);
    }
    giveBack();
    link(toExit, here());
    point(Point.EXIT, 0, 0);
    leave(0);
  }

  private void giveBack() {
    load(RAX, ThreadArea.RAX);
    load(RDX, ThreadArea.RDX);
    load(RCX, ThreadArea.RCX);
  }

  /** Makes the short jump that ends before an offset lead here. */
  private void land(int jumpEnd) {
    arena().bytes().put(jumpEnd - 1, (byte) (position() - jumpEnd));
  }
}
