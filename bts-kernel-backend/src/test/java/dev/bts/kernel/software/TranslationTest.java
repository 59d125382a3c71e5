package dev.bts.kernel.software;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.BtsException;
import dev.bts.api.Explanation;
import dev.bts.api.TargetException;
import dev.bts.kernel.x86.ControlFlow;
import dev.bts.kernel.x86.DecodeStatus;
import dev.bts.kernel.x86.Decoder;
import dev.bts.kernel.x86.Instruction;
import dev.bts.kernel.x86.Vendor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TranslationTest {
  private static final long CODE = 0x55_5555_0000L;
  private static final long ARENAS = CODE - (1L << 30);
  private static final long FAR = CODE + (1L << 33);
  private static final int LOW = 0x7000_0000;
  private static final int TID = 1;

  private final Decoder decoder = new Decoder(Vendor.AMD);
  private final Memory memory = new Memory();

  /** Supplies arenas until it is told not to. */
  private static final class Memory implements ArenaSupply {
    private final List<Supplied> code = new ArrayList<>();
    private final List<Supplied> data = new ArrayList<>();
    private int supplied;
    private int left = Integer.MAX_VALUE;

    @Override
    public Supplied allocate(Place place, long near, int pages, boolean executable) {
      if (left-- <= 0) {
        throw new TargetException(new Explanation("allocate", "there is no more", "ask for less"));
      }
      int bytes = (int) (pages * Arena.PAGE_BYTES) - Arena.HEADER_BYTES;
      long base = executable ? ARENAS : LOW;
      long address = base + (long) supplied++ * (1 << 20) + Arena.HEADER_BYTES;
      Supplied arena =
          new Supplied(ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN), address);
      (executable ? code : data).add(arena);
      return arena;
    }

    /** Returns the memory of the cache from an address on. */
    ByteBuffer at(long address) {
      for (Supplied arena : code) {
        long offset = address - arena.address();
        if (offset >= 0 && offset < arena.bytes().capacity()) {
          return arena.bytes().slice((int) offset, arena.bytes().capacity() - (int) offset);
        }
      }
      throw new AssertionError(Long.toHexString(address) + " is not in the cache");
    }
  }

  private Translation translationOf(String hex) {
    byte[] code = HexFormat.of().parseHex(hex.replace(" ", ""));
    return new Translation(
        (address, bytes) -> {
          long offset = address >= FAR ? address - FAR : address - CODE;
          if (offset < 0 || offset > code.length) {
            return ByteBuffer.allocate(0);
          }
          return ByteBuffer.wrap(code, (int) offset, code.length - (int) offset).slice();
        },
        decoder,
        memory);
  }

  private static Translation.Place place(Translation translation, long address) {
    return Objects.requireNonNull(translation.placeOf(address), "the address stands for nothing");
  }

  private Instruction decode(long address) {
    Instruction instruction = new Instruction();
    ByteBuffer bytes = memory.at(address);
    assertThat(decoder.decode(bytes, 0, bytes.capacity(), address, instruction))
        .isEqualTo(DecodeStatus.COMPLETE);
    return instruction;
  }

  @Test
  void relativeOperandsReferToWhatTheyReferredTo() {
    // mov rax, [rip + 0x100]; cmp dword [rip + 0x20], 5; ret
    Translation translation = translationOf("488b0500010000 833d2000000005 c3");
    long entry = translation.entry(CODE);
    Instruction first = decode(entry);
    assertThat(first.ripRelativeAddress()).isEqualTo(CODE + 7 + 0x100);
    Instruction second = decode(first.nextAddress());
    assertThat(second.ripRelativeAddress()).isEqualTo(CODE + 14 + 0x20);
  }

  @Test
  void eachInstructionOfTheCacheStandsForAStateOfTheProgram() {
    // cmp eax, ebx; je +2; nop; nop; call [rdi]; ret
    Translation translation = translationOf("39d8 7402 90 90 ff17 c3");
    long at = translation.entry(CODE);
    List<Point> points = new ArrayList<>();
    List<Long> exact = new ArrayList<>();
    while (points.isEmpty() || points.get(points.size() - 1) != Point.INDIRECT_TAKEN) {
      Translation.Place place = place(translation, at);
      points.add(place.point());
      if (place.point() == Point.EXACT || place.point() == Point.EXACT_RCX_ASIDE) {
        exact.add(place.argument() - CODE);
      } else {
        assertThat(translation.from(place.argument())).isEqualTo(CODE + 6);
        assertThat(translation.to(place.argument())).isEqualTo(EdgeTable.INDIRECT);
      }
      at = decode(at).nextAddress();
    }
    assertThat(exact).startsWith(0L, 2L, 4L, 5L, 6L).endsWith(6L);
    assertThat(points).contains(Point.EXACT_RCX_ASIDE);
  }

  @Test
  void aTakenBranchLeadsToTheTranslationOfItsTargetOrOut() {
    // je +1; nop; ret
    Translation translation = translationOf("7401 90 c3");
    long entry = translation.entry(CODE);
    Instruction jump = decode(entry);
    assertThat(jump.controlFlow()).isEqualTo(ControlFlow.CONDITIONAL_JUMP);
    Translation.Place taken = place(translation, jump.target());
    assertThat(taken.point()).isEqualTo(Point.EDGE_TAKEN);
    assertThat(translation.from(taken.argument())).isEqualTo(CODE);
    assertThat(translation.to(taken.argument())).isEqualTo(CODE + 3);
    long at = jump.target();
    while (decode(at).controlFlow() != ControlFlow.DIRECT_JUMP) {
      at = decode(at).nextAddress();
    }
    assertThat(decode(at).target()).isEqualTo(translation.entry(CODE + 3));
    assertThat(decode(at).address() % Integer.BYTES).as("displacement is aligned").isEqualTo(3);
    assertThat(translation.isExit(at)).isFalse();
  }

  @Test
  void whatCannotBeTranslatedEndsABlockOrHasNone() {
    // nop; syscall
    Translation translation = translationOf("90 0f05");
    assertThat(translation.entry(CODE + 1)).isZero();
    long entry = translation.entry(CODE);
    long exit = decode(entry).nextAddress();
    assertThat(translation.isExit(exit)).isTrue();
    assertThat(translation.isExit(exit + 1)).isFalse();
    assertThat(memory.at(exit).order(ByteOrder.LITTLE_ENDIAN).getLong(1)).isEqualTo(CODE + 1);
  }

  @Test
  void gsUsersFlagLoadersAndFarBranchesAreNotTranslated() {
    for (String hex : List.of("65488b00", "9d", "cb", "48cf", "8ed0", "cc", "f4", "cd80", "0f0b")) {
      assertThat(translationOf(hex + "c3").entry(CODE)).as(hex).isZero();
    }
  }

  @Test
  void recordsAreReadInOrderWithTheTargetsOfIndirectBranches() {
    // je +1; nop; ret
    Translation translation = translationOf("7401 90 c3");
    Translation.Place taken = place(translation, decode(translation.entry(CODE)).target());
    int je = (int) taken.argument();
    int ret = je == 1 ? 2 : 1;
    assertThat(translation.from(ret)).isEqualTo(CODE + 3);
    ThreadArea area = translation.area(TID, Set.of(TID));
    ByteBuffer records = memory.data.get(memory.data.size() - 1).bytes();
    long first = records.getLong(ThreadArea.INDEX);
    int at = ThreadArea.END + (int) first;
    records
        .putInt(at, je)
        .putInt(at + 4, ret)
        .putLong(at + 8, 0x7fff_1234_5678L)
        .putInt(at + 16, je);
    records.putLong(ThreadArea.INDEX, first + 20);
    List<Long> read = new ArrayList<>();
    BranchSink sink =
        (pairs, count) -> {
          for (int i = 0; i < 2 * count; i++) {
            read.add(pairs[i]);
          }
        };
    translation.drain(area, sink);
    assertThat(read).containsExactly(CODE, CODE + 3, CODE + 3, 0x7fff_1234_5678L, CODE, CODE + 3);
    translation.drain(area, sink);
    assertThat(read).hasSize(6);
  }

  @Test
  void anAreaIsUsedAgainWhenItsThreadIsGone() {
    Translation translation = translationOf("c3");
    ThreadArea area = translation.area(TID, Set.of(TID));
    assertThat(translation.area(TID, Set.of(TID))).isSameAs(area);
    assertThat(translation.area(TID + 1, Set.of(TID, TID + 1))).isNotSameAs(area);
    assertThat(translation.area(TID + 2, Set.of(TID + 1, TID + 2))).isSameAs(area);
  }

  @Test
  void withoutMemoryForMoreItSaysSoUntilAllIsForgotten() {
    Translation translation = translationOf("eb00 c3");
    assertThat(translation.entry(CODE)).isPositive();
    memory.left = 0;
    assertThat(translation.entry(CODE + 2)).as("where there is room").isPositive();
    assertThat(translation.entry(FAR)).as("needs another arena").isEqualTo(Translation.FULL);
    translation.clear();
    assertThatThrownBy(() -> translation.entry(FAR)).isInstanceOf(BtsException.class);
    assertThat(translation.entry(CODE)).isPositive();
  }

  @Test
  void withoutAnyMemoryItIsRefused() {
    memory.left = 1;
    Translation translation = translationOf("c3");
    assertThatThrownBy(() -> translation.entry(CODE)).isInstanceOf(BtsException.class);
  }
}
