package dev.bts.kernel.software;

import dev.bts.kernel.x86.ControlFlow;
import dev.bts.kernel.x86.Instruction;
import dev.bts.kernel.x86.Prefix;
import dev.bts.kernel.x86.StepFacts;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Translates a {@link PathTree}: its root up to the first instruction that always branches, enters
 * the kernel or cannot be translated, and in place of a branch to a node of the tree that node.
 *
 * <p>Branches inside the tree leave no record. Where a path leaves the tree, one record stands for
 * all its branches. Everything behind a branch that is seldom taken stands behind the rest.
 */
final class TreeTranslator {
  private static final int INSTRUCTIONS_MAX = 64;

  /** The room that a node can take: its instructions, and as many ways out of the tree. */
  private static final int NODE_BYTES_MAX = 12_000;

  /** When a tree takes so much, it gets no more nodes. */
  private static final int TREE_BYTES = 16_000;

  /** What is put off takes about so much. */
  private static final int STUB_BYTES = 80;

  /** How many targets of an indirect branch are guessed. */
  private static final int GUARDS_MAX = 4;

  /** ModRM without reg. */
  private static final int NOT_REG = 0xc7;

  private static final int REX_W = 0x48;

  /** Code that is still to be emitted, and the jump to it. */
  private record Deferred(int displacementAt, Runnable emission) {}

  private final CodeReader reader;
  private final Instruction instruction;
  private final PathTable paths;
  private final ArrayDeque<Deferred> pieces = new ArrayDeque<>();
  private final ArrayDeque<Deferred> leaves = new ArrayDeque<>();

  private final CodeArena arena;
  private final TreeEnds ends;
  private final int begin;
  private final PathTree tree;

  // Where the translation is.
  private PathTree.Node node;
  private int path;
  private int visits;
  private int count;

  /** Prepares to translate a tree into an arena with room for it. */
  TreeTranslator(CodeReader reader, PathTable paths, CodeArena arena, PathTree tree) {
    this.reader = reader;
    instruction = reader.instruction();
    this.paths = paths;
    this.arena = arena;
    ends = new TreeEnds(arena);
    begin = arena.position();
    this.tree = tree;
    node = tree.root();
  }

  /** Returns how much room the translation of a tree can take. */
  static int bytesMax(PathTree tree) {
    return tree.isBare() ? NODE_BYTES_MAX : 3 * NODE_BYTES_MAX + TREE_BYTES;
  }

  /**
   * Translates the tree.
   *
   * @return whether there is a translation: if not, the first instruction cannot be translated
   * @throws dev.bts.api.BtsException if there is no memory for its paths; what was emitted is void
   */
  boolean translate() {
    goTo(node, 0);
    if (!translatesNext()) {
      return false;
    }
    emitPiece();
    emitAll(pieces);
    emitAll(leaves);
    ends.emitConstants();
    return true;
  }

  /** Returns where the translation ends, once it is there. */
  TreeEnds ends() {
    return ends;
  }

  private void emitAll(ArrayDeque<Deferred> queue) {
    Deferred next;
    while ((next = queue.pollFirst()) != null) {
      arena.link(next.displacementAt(), arena.here());
      next.emission().run();
    }
  }

  /** Goes on at the beginning of a node. */
  private void goTo(PathTree.Node next, int taken) {
    goTo(next, next.address(), taken, next.visits());
  }

  private void goTo(PathTree.Node next, long address, int taken, int times) {
    node = next;
    path = taken;
    visits = times;
    count = 0;
    reader.goTo(address);
  }

  private boolean isTooLarge() {
    int putOff = pieces.size() + leaves.size() + ends.constants();
    return arena.position() - begin + putOff * STUB_BYTES > TREE_BYTES;
  }

  /** Returns whether a branch to a node is followed. */
  private boolean follows(PathTree.@Nullable Node child) {
    return child != null
        && arena.isNear(child.address())
        && paths.length(path) + 1 < PathTable.LENGTH_MAX
        && !isTooLarge();
  }

  private boolean translatesNext() {
    return reader.decode() && isTranslatable();
  }

  /** Emits what comes until nothing comes behind it. */
  private void emitPiece() {
    boolean goesOn = true;
    while (goesOn) {
      boolean translatable = translatesNext();
      if (!translatable || count == INSTRUCTIONS_MAX) {
        ends.leaveTo(reader.address(), path, !translatable);
        return;
      }
      if (count == 0 && reader.isWrittenByProgram()) {
        emitCheck(reader.address(), path);
      }
      // A branch that is followed goes elsewhere.
      ByteBuffer bytes = reader.bytes();
      int at = reader.offset();
      reader.advance();
      count++;
      goesOn = emit(bytes, at);
    }
  }

  /** Emits a node from an address on, unless that is not worth it. */
  private void emitRest(PathTree.Node of, long address, int taken, int times) {
    goTo(of, address, taken, times);
    if (tree.isSeldom(times) || isTooLarge()) {
      ends.leaveTo(address, taken, false);
    } else {
      emitPiece();
    }
  }

  private void defer(int displacementAt, PathTree.Node of, long address, int taken, int times) {
    pieces.addLast(new Deferred(displacementAt, () -> emitRest(of, address, taken, times)));
  }

  private void deferNode(int displacementAt, PathTree.Node child, int taken) {
    defer(displacementAt, child, child.address(), taken, child.visits());
  }

  private boolean isTranslatable() {
    if (instruction.isNarrowBranch()
        || StepFacts.usesGs(instruction)
        || (instruction.isRipRelative() && !canRelocate())) {
      return false;
    }
    return switch (instruction.controlFlow()) {
      case CONDITIONAL_JUMP,
          COUNTED_JUMP,
          DIRECT_JUMP,
          DIRECT_CALL,
          INDIRECT_JUMP,
          INDIRECT_CALL,
          RETURN ->
          true;
      case SEQUENTIAL ->
          !StepFacts.popsFlags(instruction) && !StepFacts.loadsStackSegment(instruction);
      default -> false;
    };
  }

  private boolean canRelocate() {
    return !instruction.has(Prefix.ADDRESS_SIZE) && arena.reaches(instruction.ripRelativeAddress());
  }

  /**
   * Leaves if the tracer is dead: then nobody tells any more that this code has changed. It may
   * have been found out of date that late only by who is between two checks.
   */
  private void emitCheck(long address, int taken) {
    int dead = ends.jumpIfDead(address, taken);
    leaves.addLast(new Deferred(dead, () -> ends.leaveDead(address, taken)));
  }

  /** Emits one instruction; returns whether anything follows it. */
  private boolean emit(ByteBuffer bytes, int at) {
    long address = instruction.address();
    ControlFlow flow = instruction.controlFlow();
    arena.point(Point.EXACT, address, path);
    switch (flow) {
      case CONDITIONAL_JUMP -> emitConditional(address, instruction.target());
      case COUNTED_JUMP -> emitCounted(bytes, at);
      case DIRECT_JUMP -> {
        return emitDirect(address, instruction.target());
      }
      case DIRECT_CALL -> {
        ends.pushReturn(instruction.nextAddress());
        return emitDirect(address, instruction.target());
      }
      case INDIRECT_JUMP, INDIRECT_CALL -> {
        arena.store(ThreadArea.RCX, Emitter.RCX);
        loadTarget(bytes, at);
        if (flow == ControlFlow.INDIRECT_CALL) {
          arena.point(Point.EXACT_RCX_ASIDE, address, path);
          ends.pushReturn(instruction.nextAddress());
        }
        return emitIndirect(address);
      }
      case RETURN -> {
        emitReturn(address);
        return emitIndirect(address);
      }
      default -> copy(bytes, at);
    }
    return true;
  }

  private void emitConditional(long from, long to) {
    int condition = instruction.conditionCode();
    PathTree.Node child = node.child(from, to);
    int taken = paths.add(path, from, to);
    if (child == null || !follows(child)) {
      leafLater(arena.jumpIf(condition), taken, to);
      return;
    }
    int others = visits - child.visits();
    if (child.visits() > others) {
      // What is likely follows.
      int unlikely = arena.jumpIf(condition ^ 1);
      defer(unlikely, node, instruction.nextAddress(), path, others);
      goTo(child, taken);
    } else {
      deferNode(arena.jumpIf(condition), child, taken);
      visits = others;
    }
  }

  /** Records a branch out of the tree behind the rest. */
  private void leafLater(int displacementAt, int taken, long to) {
    leaves.addLast(new Deferred(displacementAt, () -> ends.emitRecord(taken, to)));
  }

  private boolean emitDirect(long from, long to) {
    PathTree.Node child = node.child(from, to);
    int taken = paths.add(path, from, to);
    if (child == null || !follows(child)) {
      ends.emitRecord(taken, to);
      return false;
    }
    goTo(child, taken);
    return true;
  }

  /** The target is in rcx, whose own value is put aside: goes on at a node, or looks it up. */
  private boolean emitIndirect(long from) {
    int indirect = paths.add(path, from, PathTable.INDIRECT);
    arena.point(Point.INDIRECT_TAKEN, 0, indirect);
    List<PathTree.Node> guesses =
        node.children(from).stream().filter(this::follows).limit(GUARDS_MAX).toList();
    if (guesses.isEmpty()) {
      ends.lookUp(indirect);
      return false;
    }
    PathTree.Node best = guesses.get(0);
    arena.store(ThreadArea.TARGET, Emitter.RCX);
    arena.point(Point.INDIRECT_TARGET_ASIDE, 0, indirect);
    arena.store(ThreadArea.RDX, Emitter.RDX);
    arena.point(Point.INDIRECT_GUARDED, 0, indirect);
    arena.addConstantToRcx(-best.address());
    arena.jumpIfRcxZero(Emitter.JUMP_BYTES);
    int before = path;
    int site = arena.jump();
    pieces.addLast(
        new Deferred(
            site,
            () ->
                emitGuards(
                    guesses.subList(1, guesses.size()), best.address(), before, from, indirect)));
    ends.giveBackGuarded();
    goTo(best, paths.add(path, from, best.address()));
    return true;
  }

  /** The other guesses: rcx is the target less what was guessed before. */
  private void emitGuards(
      List<PathTree.Node> guesses, long guessed, int before, long from, int indirect) {
    arena.point(Point.INDIRECT_GUARDED, 0, indirect);
    long subtracted = guessed;
    for (PathTree.Node guess : guesses) {
      arena.addConstantToRcx(subtracted - guess.address());
      subtracted = guess.address();
      arena.jumpIfRcxZero(2);
      arena.emit(0xeb, Emitter.JUMP_BYTES);
      int taken = paths.add(before, from, guess.address());
      pieces.addLast(
          new Deferred(
              arena.jump(),
              () -> {
                arena.point(Point.INDIRECT_GUARDED, 0, indirect);
                ends.giveBackGuarded();
                emitRest(guess, guess.address(), taken, guess.visits());
              }));
    }
    arena.addConstantToRcx(subtracted);
    arena.load(Emitter.RDX, ThreadArea.RDX);
    ends.lookUp(indirect);
  }

  private void copy(ByteBuffer bytes, int from) {
    int at = arena.position();
    arena.emit(bytes, from, instruction.length());
    if (instruction.isRipRelative()) {
      long next = arena.here();
      arena
          .arena()
          .bytes()
          .putInt(
              at + instruction.displacementOffset(),
              Math.toIntExact(instruction.ripRelativeAddress() - next));
    }
  }

  /** loop and jrcxz have 8-bit displacements only: over a jump, which is taken if they are not. */
  private void emitCounted(ByteBuffer bytes, int at) {
    long from = instruction.address();
    long to = instruction.target();
    int taken = paths.add(path, from, to);
    arena.emit(bytes, at, instruction.length() - 1);
    arena.emit(2);
    // It has counted: nobody must come back to it from here on.
    arena.point(Point.EXACT, instruction.nextAddress(), path);
    arena.emit(0xeb, Emitter.JUMP_BYTES);
    arena.point(Point.EXACT, to, taken);
    PathTree.Node child = node.child(from, to);
    if (child == null || !follows(child)) {
      leafLater(arena.jump(), taken, to);
    } else {
      deferNode(arena.jump(), child, taken);
      visits -= child.visits();
    }
  }

  /** {@code mov rcx, operand}, of an indirect jump or call. */
  private void loadTarget(ByteBuffer bytes, int from) {
    if (instruction.isRelativeTo(Prefix.FS)) {
      arena.emit(Prefix.FS.encoding());
    }
    if (instruction.has(Prefix.ADDRESS_SIZE)) {
      arena.emit(Prefix.ADDRESS_SIZE.encoding());
    }
    arena.emit(REX_W | (instruction.rexBits() & 3), 0x8b);
    arena.emit((instruction.modRm() & NOT_REG) | Emitter.RCX << 3);
    int rest = instruction.modRmOffset() + 1;
    int at = arena.position();
    arena.emit(bytes, from + rest, instruction.length() - rest);
    if (instruction.isRipRelative()) {
      arena.link(at, instruction.ripRelativeAddress());
    }
  }

  private void emitReturn(long address) {
    arena.store(ThreadArea.RCX, Emitter.RCX);
    if (instruction.immediateSize() == 0) {
      arena.emit(0x59); // pop rcx
    } else {
      arena.emit(0x48, 0x8b, 0x0c, 0x24); // mov rcx, [rsp]
      arena.point(Point.EXACT_RCX_ASIDE, address, path);
      arena.emit(0x48, 0x8d, 0xa4, 0x24); // lea rsp, [rsp + imm32]
      arena.int32(Long.BYTES + ((int) instruction.immediate() & 0xffff));
    }
  }
}
