package dev.bts.kernel.software;

import dev.bts.kernel.x86.ControlFlow;
import dev.bts.kernel.x86.DecodeStatus;
import dev.bts.kernel.x86.Decoder;
import dev.bts.kernel.x86.Instruction;
import dev.bts.kernel.x86.Prefix;
import dev.bts.kernel.x86.StepFacts;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Translates one block: instructions in a row, up to the first that always branches, enters the
 * kernel or cannot be translated. Conditional branches do not end it: what is executed if they are
 * taken stands behind the block.
 */
final class BlockTranslator {
  /** The room that a block can take: its instructions, and as many edges. */
  static final int BYTES_MAX = 12_000;

  private static final int INSTRUCTIONS_MAX = 64;
  private static final int CODE_BYTES_MAX = 1024;

  /** ModRM without reg. */
  private static final int NOT_REG = 0xc7;

  private static final int REX_W = 0x48;

  /** Takes note of jumps to code that may not be translated yet. */
  interface Linker {
    /** Links a jump, now or as soon as its target has a translation. */
    void link(CodeArena arena, int displacementAt, long target);
  }

  /** A conditional branch whose taken side is still to be emitted. */
  private record Taken(int displacementAt, long from, long to) {}

  private record Constant(int displacementAt, long value) {}

  private final CodeSource source;
  private final Decoder decoder;
  private final EdgeTable edges;
  private final Linker linker;
  private final Instruction instruction = new Instruction();
  private final List<Taken> taken = new ArrayList<>();
  private final List<Constant> constants = new ArrayList<>();

  BlockTranslator(CodeSource source, Decoder decoder, EdgeTable edges, Linker linker) {
    this.source = source;
    this.decoder = decoder;
    this.edges = edges;
    this.linker = linker;
  }

  /**
   * Translates the block at an address into an arena with room for {@link #BYTES_MAX} more bytes.
   *
   * @return whether there is one: if not, the first instruction cannot be translated
   * @throws dev.bts.api.BtsException if there is no memory for its edges; what was emitted is void
   */
  boolean translate(long start, CodeArena arena) {
    taken.clear();
    constants.clear();
    ByteBuffer code = source.read(start, CODE_BYTES_MAX);
    int offset = 0;
    int count = 0;
    boolean goesOn = true;
    while (goesOn) {
      long address = start + offset;
      boolean translatable = decode(code, offset, address) && isTranslatable(arena);
      if (count == 0 && !translatable) {
        return false;
      }
      if (!translatable || count == INSTRUCTIONS_MAX) {
        leaveTo(arena, address, !translatable);
        break;
      }
      goesOn = emit(code, offset, arena);
      offset += instruction.length();
      count++;
    }
    for (Taken branch : taken) {
      arena.link(branch.displacementAt(), arena.here());
      emitEdge(arena, branch.from(), branch.to());
    }
    for (Constant constant : constants) {
      arena.link(constant.displacementAt(), arena.here());
      arena.int64(constant.value());
    }
    return true;
  }

  private boolean decode(ByteBuffer code, int offset, long address) {
    return decoder.decode(code, Math.min(offset, code.limit()), code.limit(), address, instruction)
        == DecodeStatus.COMPLETE;
  }

  private boolean isTranslatable(CodeArena arena) {
    if (instruction.isNarrowBranch()
        || StepFacts.usesGs(instruction)
        || (instruction.isRipRelative() && !canRelocate(arena))) {
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

  private boolean canRelocate(CodeArena arena) {
    return !instruction.has(Prefix.ADDRESS_SIZE) && arena.reaches(instruction.ripRelativeAddress());
  }

  /** Emits one instruction; returns whether the next one follows it. */
  private boolean emit(ByteBuffer code, int offset, CodeArena arena) {
    long address = instruction.address();
    ControlFlow flow = instruction.controlFlow();
    arena.point(Point.EXACT, address);
    switch (flow) {
      case CONDITIONAL_JUMP -> {
        int site = arena.jumpIf(instruction.conditionCode());
        taken.add(new Taken(site, address, instruction.target()));
        return true;
      }
      case COUNTED_JUMP -> {
        emitCounted(code, offset, arena);
        return true;
      }
      case DIRECT_JUMP -> emitEdge(arena, address, instruction.target());
      case DIRECT_CALL -> {
        pushReturn(arena);
        emitEdge(arena, address, instruction.target());
      }
      case INDIRECT_JUMP, INDIRECT_CALL -> {
        arena.store(ThreadArea.RCX, Emitter.RCX);
        loadTarget(code, offset, arena);
        if (flow == ControlFlow.INDIRECT_CALL) {
          arena.point(Point.EXACT_RCX_ASIDE, address);
          pushReturn(arena);
        }
        lookUp(arena, address);
      }
      case RETURN -> emitReturn(arena, address);
      default -> {
        copy(code, offset, arena);
        return true;
      }
    }
    return false;
  }

  private void copy(ByteBuffer code, int offset, CodeArena arena) {
    int at = arena.position();
    arena.emit(code, offset, instruction.length());
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
  private void emitCounted(ByteBuffer code, int offset, CodeArena arena) {
    arena.emit(code, offset, instruction.length() - 1);
    arena.emit(2);
    arena.emit(0xeb, Emitter.JUMP_BYTES);
    taken.add(new Taken(arena.jump(), instruction.address(), instruction.target()));
  }

  private void pushReturn(CodeArena arena) {
    long address = instruction.nextAddress();
    if (Emitter.isInt32(address)) {
      arena.emit(0x68);
      arena.int32((int) address);
    } else {
      arena.emit(0xff, 0x35);
      constants.add(new Constant(arena.position(), address));
      arena.int32(0);
    }
  }

  /** {@code mov rcx, operand}, of an indirect jump or call. */
  private void loadTarget(ByteBuffer code, int offset, CodeArena arena) {
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
    arena.emit(code, offset + rest, instruction.length() - rest);
    if (instruction.isRipRelative()) {
      arena.link(at, instruction.ripRelativeAddress());
    }
  }

  private void emitReturn(CodeArena arena, long address) {
    arena.store(ThreadArea.RCX, Emitter.RCX);
    if (instruction.immediateSize() == 0) {
      arena.emit(0x59); // pop rcx
    } else {
      arena.emit(0x48, 0x8b, 0x0c, 0x24); // mov rcx, [rsp]
      arena.point(Point.EXACT_RCX_ASIDE, address);
      arena.emit(0x48, 0x8d, 0xa4, 0x24); // lea rsp, [rsp + imm32]
      arena.int32(Long.BYTES + ((int) instruction.immediate() & 0xffff));
    }
    lookUp(arena, address);
  }

  private void lookUp(CodeArena arena, long from) {
    int edge = edges.add(from, EdgeTable.INDIRECT);
    arena.point(Point.INDIRECT_TAKEN, edge);
    arena.storeImmediate(ThreadArea.SITE, edge);
    arena.link(arena.jump(), arena.lookup());
  }

  /** Appends a record and goes on at the target. */
  private void emitEdge(CodeArena arena, long from, long to) {
    int edge = edges.add(from, to);
    arena.point(Point.EDGE_TAKEN, edge);
    arena.store(ThreadArea.RCX, Emitter.RCX);
    arena.point(Point.EDGE_TAKEN_RCX_ASIDE, edge);
    arena.load(Emitter.RCX, ThreadArea.INDEX);
    arena.storeImmediateAtRcx(ThreadArea.END, edge);
    arena.addToRcx(Integer.BYTES);
    arena.store(ThreadArea.INDEX, Emitter.RCX);
    arena.point(Point.EDGE_RECORDED, edge);
    int padding = arena.paddingOfJump(2 + Emitter.ACCESS_BYTES);
    arena.jumpIfRcxZero(Emitter.ACCESS_BYTES + padding + Emitter.JUMP_BYTES);
    arena.load(Emitter.RCX, ThreadArea.RCX);
    arena.pad(padding);
    int jump = arena.jump();
    arena.load(Emitter.RCX, ThreadArea.RCX);
    arena.point(Point.EXIT, to);
    arena.leave(to);
    // Until the target is translated, the jump leads to the way out.
    arena.link(jump, arena.here() - 1 - Long.BYTES);
    linker.link(arena, jump, to);
  }

  /** Goes on at an address without a branch: where the block is long enough, or cannot go on. */
  private void leaveTo(CodeArena arena, long address, boolean forGood) {
    if (forGood) {
      arena.point(Point.EXIT, address);
      arena.leave(address);
      return;
    }
    arena.point(Point.EXACT, address);
    arena.pad(arena.paddingOfJump(0));
    int jump = arena.jump();
    arena.point(Point.EXIT, address);
    arena.leave(address);
    arena.link(jump, arena.here() - 1 - Long.BYTES);
    linker.link(arena, jump, address);
  }
}
