package dev.bts.kernel.software;

import java.util.ArrayList;
import java.util.List;

/**
 * What the translation of a {@link PathTree} has besides the program's instructions: records, ways
 * out, and the constants that these and calls need.
 */
final class TreeEnds {
  /**
   * A jump to code that may not be translated yet.
   *
   * @param exit where it leads to while it is not
   */
  record Way(int displacementAt, long target, long exit) {}

  private record Constant(int displacementAt, long value) {}

  private final CodeArena arena;
  private final List<Constant> constants = new ArrayList<>();
  private final List<Way> ways = new ArrayList<>();
  private final List<Long> returns = new ArrayList<>();

  TreeEnds(CodeArena arena) {
    this.arena = arena;
  }

  /** Returns the ways out that were emitted. */
  List<Way> ways() {
    return ways;
  }

  /** Returns how many constants are still to be emitted. */
  int constants() {
    return constants.size();
  }

  void emitConstants() {
    for (Constant constant : constants) {
      arena.link(constant.displacementAt(), arena.here());
      arena.int64(constant.value());
    }
  }

  /** Pushes a return address of the program. */
  void pushReturn(long address) {
    returns.add(address);
    if (Emitter.isInt32(address)) {
      arena.emit(0x68);
      arena.int32((int) address);
    } else {
      arena.emit(0xff, 0x35);
      constants.add(new Constant(arena.position(), address));
      arena.int32(0);
    }
  }

  /** Returns the return addresses of the calls. */
  List<Long> returns() {
    return returns;
  }

  /** Gives rcx and rdx back, as {@link Point#INDIRECT_GUARDED} has put them aside. */
  void giveBackGuarded() {
    arena.load(Emitter.RDX, ThreadArea.RDX);
    arena.load(Emitter.RCX, ThreadArea.RCX);
  }

  /** Has the target in rcx looked up, after a path that ends with an indirect branch. */
  void lookUp(int indirect) {
    arena.storeImmediate(ThreadArea.SITE, indirect);
    arena.link(arena.jump(), arena.lookup());
  }

  /** Appends a record of a path, and goes on at an address. */
  void emitRecord(int taken, long to) {
    arena.point(Point.EXACT, to, taken);
    arena.store(ThreadArea.RCX, Emitter.RCX);
    arena.point(Point.EXACT_RCX_ASIDE, to, taken);
    arena.load(Emitter.RCX, ThreadArea.INDEX);
    arena.storeImmediateAtRcx(ThreadArea.END, taken);
    arena.addToRcx(Integer.BYTES);
    arena.store(ThreadArea.INDEX, Emitter.RCX);
    arena.point(Point.EXACT_RCX_ASIDE, to, 0);
    int padding = arena.paddingOfJump(2 + Emitter.ACCESS_BYTES);
    arena.jumpIfRcxZero(Emitter.ACCESS_BYTES + padding + Emitter.JUMP_BYTES);
    arena.load(Emitter.RCX, ThreadArea.RCX);
    arena.pad(padding);
    int jump = arena.jump();
    arena.load(Emitter.RCX, ThreadArea.RCX);
    emitExit(jump, to);
  }

  /** Jumps if the tracer is dead; returns where the displacement is. The way out gives rcx back. */
  int jumpIfDead(long address, int path) {
    arena.point(Point.EXACT, address, path);
    arena.store(ThreadArea.RCX, Emitter.RCX);
    arena.point(Point.EXACT_RCX_ASIDE, address, path);
    arena.loadByteToRcx(arena.liveness());
    arena.jumpIfRcxZero(Emitter.JUMP_BYTES);
    int jump = arena.jump();
    arena.load(Emitter.RCX, ThreadArea.RCX);
    return jump;
  }

  /** The way out of {@link #jumpIfDead}. */
  void leaveDead(long address, int path) {
    arena.point(Point.EXACT_RCX_ASIDE, address, path);
    arena.load(Emitter.RCX, ThreadArea.RCX);
    arena.point(Point.EXIT, address, path);
    arena.leave(address);
  }

  /** A way out; until its target is translated, the jump leads to it. */
  private void emitExit(int jump, long to) {
    arena.point(Point.EXIT, to, 0);
    long exit = arena.leave(to);
    arena.link(jump, exit);
    ways.add(new Way(jump, to, exit));
  }

  /**
   * Goes on at an address where the tree ends without a branch.
   *
   * @param path what was taken until there
   * @param forGood whether there is no translation of it
   */
  void leaveTo(long address, int path, boolean forGood) {
    if (path != 0) {
      emitRecord(path, address);
    } else if (forGood) {
      arena.point(Point.EXIT, address, 0);
      arena.leave(address);
    } else {
      arena.point(Point.EXACT, address, 0);
      arena.pad(arena.paddingOfJump(0));
      emitExit(arena.jump(), address);
    }
  }
}
