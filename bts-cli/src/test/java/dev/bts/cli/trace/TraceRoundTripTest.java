package dev.bts.cli.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.Fidelity;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.Receipt;
import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.SideEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was written is read, in order and to the bit. */
class TraceRoundTripTest {
  @TempDir Path directory;

  private static List<List<Object>> chunks(long seed, int count, int maxRecords) {
    RandomTrace trace = new RandomTrace(seed);
    List<List<Object>> chunks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      chunks.add(trace.chunk(maxRecords));
    }
    return chunks;
  }

  private static List<Object> items(List<List<Object>> chunks) {
    return chunks.stream().flatMap(List::stream).toList();
  }

  private Path write(List<List<Object>> chunks) throws IOException {
    return TraceFiles.file(directory, TraceFiles.write(chunks, System::nanoTime));
  }

  @ParameterizedTest(name = "seed {0}; replay with -Dtest=TraceRoundTripTest")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void randomStreamsComeBackUnchanged(long seed) throws IOException {
    List<List<Object>> chunks = chunks(seed, 300, 200);

    CollectingVisitor read = TraceFiles.read(write(chunks));

    assertThat(read.damage).isEmpty();
    assertThat(read.items).isEqualTo(items(chunks));
  }

  @Test
  void streamsOfManyBlocksComeBackUnchanged() throws IOException {
    List<List<Object>> chunks = chunks(9, 500, 20);
    Path file = TraceFiles.file(directory, TraceFiles.write(chunks, TraceFiles.impatientClock()));

    try (TraceReader reader = TraceReader.open(file)) {
      CollectingVisitor read = new CollectingVisitor();
      reader.read(read);
      assertThat(reader.blocks()).hasSizeGreaterThan(500);
      assertThat(reader.damage()).isEmpty();
      assertThat(read.items).isEqualTo(items(chunks));
    }
  }

  @Test
  void moreBlocksThanOneIndexBlockListsAreFoundThroughTheIndex() throws IOException {
    List<List<Object>> chunks = chunks(10, 2 * FormatLimits.BLOCKS_PER_INDEX + 100, 2);
    byte[] bytes = TraceFiles.write(chunks, TraceFiles.impatientClock());

    try (TraceReader reader = TraceReader.open(TraceFiles.file(directory, bytes))) {
      CollectingVisitor read = new CollectingVisitor();
      reader.read(read);
      assertThat(reader.damage()).isEmpty();
      assertThat(reader.blocks().stream().filter(b -> b.head().kind() == BlockKind.INDEX).count())
          .isEqualTo(3);
      assertThat(read.items).isEqualTo(items(chunks));
    }
  }

  @Test
  void recordsThatFillWholeBlocksAreSplitWithoutLoss() throws IOException {
    RandomTrace trace = new RandomTrace(11);
    List<Object> records = new ArrayList<>();
    for (int i = 0; i < 2 * FormatLimits.RECORDS_PER_BLOCK + 17; i++) {
      records.add(trace.record());
    }

    CollectingVisitor read = TraceFiles.read(write(List.of(records)));

    assertThat(read.damage).isEmpty();
    assertThat(read.items.equals(records)).isTrue();
  }

  @Test
  void moreThreadsThanOneBlockTakesAreSplitWithoutLoss() throws IOException {
    List<Object> records = new ArrayList<>();
    for (int i = 0; i < 3 * FormatLimits.THREADS_PER_BLOCK + 5; i++) {
      records.add(new BranchRecord(0x1000, 0x2000, 0, i * 7));
    }

    CollectingVisitor read = TraceFiles.read(write(List.of(records)));

    assertThat(read.damage).isEmpty();
    assertThat(read.items.equals(records)).isTrue();
  }

  @Test
  void anEmptyTraceIsWhole() throws IOException {
    try (TraceReader reader = TraceReader.open(write(List.of()))) {
      CollectingVisitor read = new CollectingVisitor();
      reader.read(read);
      assertThat(read.items).isEmpty();
      assertThat(reader.damage()).isEmpty();
      assertThat(reader.isFinished()).isTrue();
      assertThat(reader.totals()).isEqualTo(new TraceTotals(0, 0, 0));
    }
  }

  @Test
  void theHeaderComesBack() throws IOException {
    try (TraceReader reader = TraceReader.open(write(List.of()))) {
      assertThat(reader.header()).contains(TraceFiles.HEADER);
      assertThat(reader.fidelity()).contains(Fidelity.COMPLETE);
    }
  }

  @Test
  void theFidelityAtTheEndIsKept() {
    Path file = directory.resolve("windowed.bts");
    try (TraceWriter writer = TraceWriter.create(file)) {
      writer.begin(TraceFiles.HEADER);
      writer.conclude(Fidelity.WINDOWED);
    }

    try (TraceReader reader = TraceReader.open(file)) {
      assertThat(reader.fidelity()).contains(Fidelity.WINDOWED);
    }
  }

  @Test
  void eventsBeforeTheBeginAreKept() {
    Path file = directory.resolve("early.bts");
    SideEvent early = new SideEvent.ProcessStarted(1, 2, 1, 0, "ls");
    try (TraceWriter writer = TraceWriter.create(file)) {
      writer.event(early);
      writer.begin(TraceFiles.HEADER);
    }

    assertThat(TraceFiles.read(file).items).containsExactly(early);
  }

  @Test
  void aWriterThatWasNeverBegunLeavesTheFileAsItWas() throws IOException {
    Path file = Files.writeString(directory.resolve("old.bts"), "precious");

    TraceWriter.create(file).close();

    assertThat(file).hasContent("precious");
  }

  @Test
  void totalsCountRecordsEventsAndLoss() throws IOException {
    List<List<Object>> chunks =
        List.of(
            List.of(new BranchRecord(1, 2, 0, 3), new BranchRecord(3, 4, 0, 3)),
            List.of(new SideEvent.Lost(3, 5, 17, "full")));

    try (TraceReader reader = TraceReader.open(write(chunks))) {
      assertThat(reader.totals()).isEqualTo(new TraceTotals(2, 1, 17));
    }
  }

  @Test
  void theJournalHoldsTheAccountingEvents() throws IOException {
    List<List<Object>> chunks = chunks(12, 400, 3);

    try (TraceReader reader = TraceReader.open(write(chunks))) {
      List<Object> journal = new ArrayList<>();
      reader.readJournal(journal::add);
      assertThat(journal)
          .isNotEmpty()
          .isEqualTo(
              items(chunks).stream()
                  .filter(
                      i ->
                          i instanceof SideEvent.Charged
                              || i instanceof SideEvent.Refunded
                              || i instanceof SideEvent.AccountingDrift)
                  .toList());
    }
  }

  @Test
  void anAdoptionStandsInTheStreamAndInTheJournal() throws IOException {
    Account account = Account.lockedVm(new AccountOwner.AddressSpace(7, 8));
    Receipt receipt = new Receipt(9, "tracee", "buffer", 64, List.of(new Charge(account, 64)), "");
    SideEvent adopted = new SideEvent.Adopted(7, 5, receipt);
    SideEvent refunded = new SideEvent.Refunded(0, 6, receipt);
    Path file =
        write(List.of(List.of(adopted), List.of(new BranchRecord(1, 2, 0, 3)), List.of(refunded)));

    assertThat(TraceFiles.read(file).items)
        .containsExactly(adopted, new BranchRecord(1, 2, 0, 3), refunded);
    try (TraceReader reader = TraceReader.open(file)) {
      List<Object> journal = new ArrayList<>();
      reader.readJournal(journal::add);
      assertThat(journal).containsExactly(adopted, refunded);
    }
  }

  @Test
  void stringsAreCutAtACharacterBoundary() throws IOException {
    String longText = "é".repeat(3000);
    List<List<Object>> chunks = List.of(List.of(new SideEvent.Exec(1, 2, 1, "x" + longText)));

    CollectingVisitor read = TraceFiles.read(write(chunks));

    assertThat(read.items).containsExactly(new SideEvent.Exec(1, 2, 1, "x" + "é".repeat(2047)));
  }

  @Test
  void oneThreadIsReadWithAllEvents() throws IOException {
    List<List<Object>> chunks = chunks(13, 300, 50);
    Path file = TraceFiles.file(directory, TraceFiles.write(chunks, TraceFiles.impatientClock()));

    CollectingVisitor read = new CollectingVisitor();
    try (TraceReader reader = TraceReader.open(file)) {
      reader.read(Selection.thread(1002), read);
    }

    assertThat(read.items)
        .isEqualTo(
            items(chunks).stream()
                .filter(i -> !(i instanceof BranchRecord r) || r.tid() == 1002)
                .toList());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 57, 1000, 5000})
  void aWindowIsReadWithTheEventsBeforeItsEnd(int first) throws IOException {
    List<List<Object>> chunks = chunks(14, 300, 50);
    Path file = TraceFiles.file(directory, TraceFiles.write(chunks, TraceFiles.impatientClock()));
    List<BranchRecord> all = TraceFiles.read(file).records();
    int end = Math.min(all.size(), first + 100);

    CollectingVisitor read = new CollectingVisitor();
    try (TraceReader reader = TraceReader.open(file)) {
      reader.read(new Selection(first, end, OptionalInt.empty()), read);
      assertThat(reader.damage()).isEmpty();
    }

    assertThat(read.records()).isEqualTo(all.subList(Math.min(first, all.size()), end));
    List<Object> events = items(chunks).stream().filter(SideEvent.class::isInstance).toList();
    List<Object> readEvents = read.items.stream().filter(SideEvent.class::isInstance).toList();
    assertThat(readEvents.equals(events.subList(0, readEvents.size()))).isTrue();
  }

  @Test
  void aWindowDoesNotTouchTheBlocksOutsideIt() throws IOException {
    List<List<Object>> chunks = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      chunks.add(List.of(new BranchRecord(i, i + 1, 0, 1)));
    }
    byte[] bytes = TraceFiles.write(chunks, TraceFiles.impatientClock());
    Path file = TraceFiles.file(directory, bytes);
    List<PlacedBlock> blocks;
    try (TraceReader reader = TraceReader.open(file)) {
      blocks = reader.blocks();
    }
    for (PlacedBlock block : blocks) {
      boolean outside =
          block.head().kind() == BlockKind.STREAM && block.head().recordsBefore() != 20;
      if (outside) {
        java.util.Arrays.fill(bytes, (int) block.position(), (int) block.end(), (byte) 0);
      }
    }

    CollectingVisitor read = new CollectingVisitor();
    try (TraceReader reader = TraceReader.open(TraceFiles.file(directory, bytes))) {
      reader.read(Selection.window(20, 21), read);
      assertThat(reader.damage()).isEmpty();
    }

    assertThat(read.items).containsExactly(new BranchRecord(20, 21, 0, 1));
  }

  @Test
  void aWindowThatIsTurnedRoundIsRefused() {
    assertThatThrownBy(() -> Selection.window(5, 4)).isInstanceOf(InvalidRequestException.class);
  }
}
