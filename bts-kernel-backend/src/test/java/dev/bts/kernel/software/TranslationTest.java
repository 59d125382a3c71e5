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
import java.util.Collections;
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
  private static final int LIVENESS = 0x6000_0003;
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
          new Supplied(
              ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN), address, LIVENESS);
      (executable ? code : data).add(arena);
      return arena;
    }

    /** Returns the memory of the cache from an address on. */
    ByteBuffer at(long address) {
      Supplied arena = around(address, code);
      int offset = (int) (address - arena.address());
      return arena.bytes().slice(offset, arena.bytes().capacity() - offset);
    }

    /** Returns the memory that a thread records into. */
    ByteBuffer recordsOf(ThreadArea area) {
      return around(area.address(), data).bytes();
    }

    /** Returns the offset of the GS base in it. */
    int baseOf(ThreadArea area) {
      return (int) (area.address() - around(area.address(), data).address());
    }

    private static Supplied around(long address, List<Supplied> arenas) {
      return arenas.stream()
          .filter(arena -> address >= arena.address())
          .filter(arena -> address < arena.address() + arena.bytes().capacity())
          .findFirst()
          .orElseThrow(() -> new AssertionError(Long.toHexString(address) + " is in no arena"));
    }
  }

  /** A program's code, which stands at two places. */
  private static final class Code implements CodeSource {
    private final byte[] code;
    private final boolean isWritten;

    Code(String hex, boolean isWritten) {
      this.code = HexFormat.of().parseHex(hex.replace(" ", ""));
      this.isWritten = isWritten;
    }

    @Override
    public ByteBuffer read(long address, int bytes) {
      long offset = address >= FAR ? address - FAR : address - CODE;
      if (offset < 0 || offset > code.length) {
        return ByteBuffer.allocate(0);
      }
      int count = Math.min(bytes, code.length - (int) offset);
      return ByteBuffer.wrap(code, (int) offset, count).slice();
    }

    @Override
    public boolean isWrittenByProgram(long address) {
      return isWritten;
    }
  }

  private Translation translationOf(String hex) {
    return new Translation(new Code(hex, false), decoder, memory);
  }

  private static Translation.Place place(Translation translation, long address) {
    return Objects.requireNonNull(translation.placeOf(address), "the address stands for nothing");
  }

  /** Returns from and to of each branch of the path that is still to be recorded at a place. */
  private static List<Long> told(Translation translation, Translation.Place place, long target) {
    List<Long> addresses = new ArrayList<>();
    ThreadArea area = translation.area(TID, Set.of(TID));
    read(translation.drain(area, TID, place.path(), target), addresses);
    return addresses;
  }

  private static void read(AreaRun run, List<Long> addresses) {
    int before = addresses.size();
    while (run.next()) {
      addresses.add(run.from());
      addresses.add(run.to());
      assertThat(run.tid()).isEqualTo(TID);
    }
    assertThat(run.isBroken()).isFalse();
    assertThat(2 * run.skip()).isEqualTo(addresses.size() - before);
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
        exact.add(place.address() - CODE);
        assertThat(place.path()).isZero();
      } else {
        assertThat(told(translation, place, CODE)).containsExactly(CODE + 6, CODE);
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
    assertThat(taken.point()).isEqualTo(Point.EXACT);
    assertThat(taken.address()).isEqualTo(CODE + 3);
    assertThat(told(translation, taken, 0)).containsExactly(CODE, CODE + 3);
    long at = jump.target();
    while (decode(at).controlFlow() != ControlFlow.DIRECT_JUMP) {
      at = decode(at).nextAddress();
    }
    assertThat(decode(at).target()).isEqualTo(translation.entry(CODE + 3));
    assertThat(decode(at).address() % Integer.BYTES).as("displacement is aligned").isEqualTo(3);
    assertThat(translation.isExit(at)).isFalse();
  }

  /** Returns the address that the jump behind a record, which begins at an address, leads to. */
  private long continuation(long record) {
    long at = record;
    while (decode(at).controlFlow() != ControlFlow.DIRECT_JUMP) {
      at = decode(at).nextAddress();
    }
    return decode(at).target();
  }

  @Test
  void whatWasTranslatedFromAPageIsForgottenAndNobodyIsLedThereAnyMore() {
    // jmp to the next page; on it: nop; ret
    Code code = new Code("e9fb0f0000" + "00".repeat(0xffb) + "90 c3", false);
    Translation translation = new Translation(code, decoder, memory);
    long from = translation.entry(CODE);
    long to = translation.entry(CODE + 0x1000);
    assertThat(continuation(from)).isEqualTo(to);
    assertThat(translation.isOf(CODE + 0x1fff, CODE + 0x2000)).isTrue();
    assertThat(translation.isOf(CODE + 0x2000, CODE + 0x3000)).isFalse();

    translation.forget(CODE + 0x1fff, CODE + 0x2000);
    assertThat(translation.isExit(continuation(from))).isTrue();
    assertThat(place(translation, continuation(from)).address()).isEqualTo(CODE + 0x1000);
    assertThat(translation.isOf(CODE + 0x1000, CODE + 0x2000)).isFalse();

    // What is there now.
    code.code[0x1000] = (byte) 0xc3;
    long again = translation.entry(CODE + 0x1000);
    assertThat(again).isNotEqualTo(to);
    assertThat(translation.entry(CODE)).as("not forgotten").isEqualTo(from);
    assertThat(continuation(from)).isEqualTo(again);
    assertThat(decode(to).nextAddress()).isEqualTo(to + 1);
    assertThat(decode(again).nextAddress()).isGreaterThan(again + 1);
  }

  @Test
  void codeThatTheProgramWritesIsLeftIfTheTracerIsDead() {
    // nop; jmp back
    Translation translation = new Translation(new Code("90 ebfd", true), decoder, memory);
    long at = translation.entry(CODE);
    while (decode(at).controlFlow() != ControlFlow.COUNTED_JUMP) {
      assertThat(place(translation, at).address()).isEqualTo(CODE);
      at = decode(at).nextAddress();
    }
    assertThat(memory.at(at - Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).getInt(0))
        .isEqualTo(LIVENESS);
    Instruction toExit = decode(decode(at).nextAddress());
    assertThat(toExit.nextAddress()).as("alive").isEqualTo(decode(at).target());
    long exit = decode(toExit.target()).nextAddress();
    assertThat(translation.isExit(exit)).isTrue();
    assertThat(place(translation, exit).address()).isEqualTo(CODE);
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
    // A thread whose trap got lost with its tracer comes back.
    assertThat(decode(exit + 1).target()).isEqualTo(exit);
    long offset = Exits.destination(exit) - exit;
    assertThat(memory.at(exit).order(ByteOrder.LITTLE_ENDIAN).getLong((int) offset))
        .isEqualTo(CODE + 1);
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
    int je = taken.path();
    int ret = je == 1 ? 2 : 1;
    ThreadArea area = translation.area(TID, Set.of(TID));
    ByteBuffer records = memory.recordsOf(area);
    int base = memory.baseOf(area);
    long first = records.getLong(base + ThreadArea.INDEX);
    int at = base + ThreadArea.END + (int) first;
    assertThat(at).isZero();
    records
        .putInt(at, je)
        .putInt(at + 4, ret)
        .putLong(at + 8, 0x7fff_1234_5678L)
        .putInt(at + 16, je);
    records.putLong(base + ThreadArea.INDEX, first + 20);
    List<Long> read = new ArrayList<>();
    read(translation.drain(area, TID, 0, 0), read);
    assertThat(read).containsExactly(CODE, CODE + 3, CODE + 3, 0x7fff_1234_5678L, CODE, CODE + 3);
    assertThat(translation.drain(area, TID, 0, 0).isEmpty()).isTrue();
  }

  @Test
  void whatTranslatedCodeCannotHaveRecordedEndsARun() {
    // je +1; nop; ret
    Translation translation = translationOf("7401 90 c3");
    int je = place(translation, decode(translation.entry(CODE)).target()).path();
    ThreadArea area = translation.area(TID, Set.of(TID));
    ByteBuffer records = memory.recordsOf(area);
    int base = memory.baseOf(area);
    long first = records.getLong(base + ThreadArea.INDEX);
    int at = base + ThreadArea.END + (int) first;
    assertThat(at).isZero();
    for (int hostile : List.of(-1, Integer.MIN_VALUE, 1 << 20)) {
      records.putInt(at, je).putInt(at + 4, hostile).putInt(at + 8, je);
      records.putLong(base + ThreadArea.INDEX, first + 12);
      AreaRun run = translation.drain(area, TID, 0, 0);
      assertThat(run.next()).as("what came before").isTrue();
      assertThat(run.next()).isFalse();
      assertThat(run.isBroken()).isTrue();
      assertThat(run.skip()).isOne();
    }
    for (long index : List.of(first - 4, 1L << 10, 1L << 40, Long.MIN_VALUE)) {
      records.putLong(base + ThreadArea.INDEX, index);
      AreaRun run = translation.drain(area, TID, je, 0);
      assertThat(run.next()).isFalse();
      assertThat(run.isBroken()).isTrue();
    }
  }

  /** Fills a thread's area with one record and has it read. */
  private void fill(Translation translation, ThreadArea area, int path) {
    ByteBuffer records = memory.recordsOf(area);
    int base = memory.baseOf(area);
    long index = records.getLong(base + ThreadArea.INDEX);
    for (long at = index; at < 0; at += Integer.BYTES) {
      records.putInt((int) (base + ThreadArea.END + at), path);
    }
    records.putLong(base + ThreadArea.INDEX, 0);
    List<Long> read = new ArrayList<>();
    read(translation.drain(area, TID, 0, 0), read);
    assertThat(read).hasSize((int) -index / Integer.BYTES * 2);
  }

  @Test
  void theHotPathOfALoopLeavesOneRecordForManyBranches() {
    // dec eax; jne -4; ret
    Translation translation = translationOf("ffc8 75fc c3");
    long cold = translation.entry(CODE);
    Instruction jump = decode(decode(cold).nextAddress());
    int once = place(translation, jump.target()).path();
    ThreadArea area = translation.area(TID, Set.of(TID));
    fill(translation, area, once);

    long hot = translation.entry(CODE);
    assertThat(hot).isNotEqualTo(cold);
    long at = hot;
    for (int turn = 0; turn < 12; turn++) {
      assertThat(told(translation, place(translation, at), 0)).isEqualTo(turns(turn));
      Instruction leaves = decode(decode(at).nextAddress());
      assertThat(leaves.controlFlow()).isEqualTo(ControlFlow.CONDITIONAL_JUMP);
      assertThat(leaves.conditionCode()).as("je, out of the loop").isEqualTo(4);
      assertThat(place(translation, leaves.target()).address()).isEqualTo(CODE + 4);
      at = leaves.nextAddress();
    }
    Instruction last = decode(decode(at).nextAddress());
    assertThat(last.conditionCode()).as("jne, back").isEqualTo(5);
    at = last.target();
    assertThat(told(translation, place(translation, at), 0)).isEqualTo(turns(13));
    while (decode(at).controlFlow() != ControlFlow.DIRECT_JUMP) {
      at = decode(at).nextAddress();
    }
    assertThat(decode(at).target()).as("the way on").isEqualTo(hot);
  }

  private static List<Long> turns(int count) {
    return Collections.nCopies(count, List.of(CODE + 2, CODE)).stream()
        .flatMap(List::stream)
        .toList();
  }

  @Test
  void aCountedLoopThatHasCountedIsNotGoneBackTo() {
    // loop -2; ret
    Translation translation = translationOf("e2fe c3");
    Instruction loop = decode(translation.entry(CODE));
    assertThat(loop.controlFlow()).isEqualTo(ControlFlow.COUNTED_JUMP);
    Translation.Place over = place(translation, loop.nextAddress());
    assertThat(over.address()).isEqualTo(CODE + 2);
    assertThat(over.path()).isZero();
    Translation.Place back = place(translation, loop.target());
    assertThat(back.address()).isEqualTo(CODE);
    assertThat(told(translation, back, 0)).containsExactly(CODE, CODE);
  }

  @Test
  void jumpsAndLookupsLeadToTheNewestTranslation() {
    // loop: dec eax; jne -4; jmp loop
    Translation translation = translationOf("ffc8 75fc ebfa");
    long cold = translation.entry(CODE);
    Instruction jump = decode(decode(cold).nextAddress());
    fill(translation, translation.area(TID, Set.of(TID)), place(translation, jump.target()).path());
    long hot = translation.entry(CODE);
    long at = jump.target();
    while (decode(at).controlFlow() != ControlFlow.DIRECT_JUMP) {
      at = decode(at).nextAddress();
    }
    assertThat(decode(at).target()).isEqualTo(hot);
    // The low bits of the address are zero, so its chain has the first head.
    ArenaSupply.Supplied heads = memory.data.get(0);
    int entry = heads.bytes().getInt(0);
    ByteBuffer table = heads.bytes();
    int offset = (int) (entry - heads.address());
    assertThat(table.getLong(offset + TargetTable.KEY)).isEqualTo(CODE);
    assertThat(table.getLong(offset + TargetTable.VALUE)).isEqualTo(hot);
  }

  @Test
  void anAreaThatWasFullGetsTwoLargePieces() {
    // je +1; nop; ret
    Translation translation = translationOf("7401 90 c3");
    int je = place(translation, decode(translation.entry(CODE)).target()).path();
    ThreadArea area = translation.area(TID, Set.of(TID));
    assertThat(area.hasSpare()).isFalse();
    assertThat(area.flip()).isFalse();
    List<Integer> sizes = new ArrayList<>();
    for (int turn = 0; turn < 4; turn++) {
      sizes.add(memory.recordsOf(area).capacity());
      memory.recordsOf(area).putInt(0, je);
      memory.recordsOf(area).putLong(memory.baseOf(area) + ThreadArea.INDEX, firstIndex(area) + 4);
      translation.widen(area);
      assertThat(area.flip()).isTrue();
      assertThat(memory.recordsOf(area).getLong(memory.baseOf(area) + ThreadArea.INDEX))
          .isEqualTo(firstIndex(area));
      List<Long> read = new ArrayList<>();
      read(translation.drainSpare(area, TID), read);
      assertThat(read).containsExactly(CODE, CODE + 3);
    }
    assertThat(sizes.get(1)).isGreaterThan(sizes.get(0));
    assertThat(sizes.subList(2, 4)).containsOnly(sizes.get(1));
    int supplied = memory.data.size();
    translation.widen(area);
    assertThat(memory.data).hasSize(supplied);
  }

  private long firstIndex(ThreadArea area) {
    return -(memory.baseOf(area) + ThreadArea.END);
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
