package dev.bts.sim.program;

import dev.bts.sim.program.CodeImage.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes a {@link CodeImage} from a seed.
 *
 * <p>Function 0 is an endless loop; functions call only functions of higher number, so calls are
 * never deeper than there are functions. The last function is the signal handler, called by nobody.
 */
final class CodeGenerator {
  /** How deep calls can nest, the signal handler's frame included. */
  static final int FUNCTIONS = 8;

  private static final int HANDLER = FUNCTIONS - 1;
  private static final long BASE = 0x401000;
  private static final long FUNCTION_ALIGNMENT = 16;
  private static final int MAX_NESTING = 3;
  private static final int MAX_STRAIGHT_BYTES = 24;

  /** The length of a call instruction, E8 rel32. */
  static final int CALL_BYTES = 5;

  private static final int OTHER_BRANCH_BYTES = 2;

  private final SplitMix64 random;
  private final List<Kind> kinds = new ArrayList<>();
  private final List<Long> addresses = new ArrayList<>();
  private final List<Place> targets = new ArrayList<>();
  private final Place[] entries = new Place[FUNCTIONS];
  private long cursor = BASE;

  /** A place in the code: the next branch instruction and the address, both known when defined. */
  private static final class Place {
    private int instruction;
    private long address;
  }

  private CodeGenerator(long seed) {
    random = new SplitMix64(seed);
    for (int function = 0; function < FUNCTIONS; function++) {
      entries[function] = new Place();
    }
  }

  static CodeImage generate(long seed) {
    return new CodeGenerator(seed).generate("synthetic-" + seed);
  }

  private CodeImage generate(String path) {
    for (int function = 0; function < FUNCTIONS; function++) {
      cursor = (cursor + FUNCTION_ALIGNMENT - 1) / FUNCTION_ALIGNMENT * FUNCTION_ALIGNMENT;
      define(entries[function]);
      body(function, 0);
      if (function == 0) {
        emit(Kind.JUMP, entries[0]);
      } else {
        emit(Kind.RETURN, new Place());
      }
    }
    return new CodeImage(
        path,
        BASE,
        cursor,
        kinds.toArray(Kind[]::new),
        addresses.stream().mapToLong(Long::longValue).toArray(),
        targets.stream().mapToInt(place -> place.instruction).toArray(),
        targets.stream().mapToLong(place -> place.address).toArray(),
        entries[HANDLER].instruction);
  }

  private void body(int function, int nesting) {
    int constructs = 2 + random.below(3);
    for (int i = 0; i < constructs; i++) {
      straight();
      switch (random.below(4)) {
        case 0 -> {
          Place head = new Place();
          define(head);
          nested(function, nesting);
          emit(Kind.LOOP, head);
        }
        case 1 -> forward(Kind.SKIP, function, nesting);
        case 2 -> call(function);
        default -> forward(Kind.JUMP, function, MAX_NESTING);
      }
    }
    straight();
  }

  private void nested(int function, int nesting) {
    if (nesting < MAX_NESTING) {
      body(function, nesting + 1);
    } else {
      straight();
    }
  }

  private void forward(Kind kind, int function, int nesting) {
    Place after = new Place();
    emit(kind, after);
    nested(function, nesting);
    define(after);
  }

  private void call(int function) {
    int callees = HANDLER - (function + 1);
    if (callees > 0) {
      emit(Kind.CALL, entries[function + 1 + random.below(callees)]);
    }
  }

  private void straight() {
    cursor += random.below(MAX_STRAIGHT_BYTES);
  }

  private void define(Place place) {
    place.instruction = kinds.size();
    place.address = cursor;
  }

  private void emit(Kind kind, Place target) {
    kinds.add(kind);
    addresses.add(cursor);
    targets.add(target);
    cursor += kind == Kind.CALL ? CALL_BYTES : OTHER_BRANCH_BYTES;
  }
}
