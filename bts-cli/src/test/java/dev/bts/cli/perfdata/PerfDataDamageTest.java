package dev.bts.cli.perfdata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.trace.CollectingVisitor;
import dev.bts.kernel.perf.PerfEventAttr;
import dev.bts.kernel.perf.PerfRecord;
import dev.bts.kernel.perf.SampleType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records that perf does not write so: each is told, and those around it are read. */
class PerfDataDamageTest {
  private static final int TID = 70;

  @TempDir Path directory;

  private static final class Taken extends CollectingVisitor implements PerfDataSink {
    @Override
    public void begin(PerfDataOrigin origin) {
      assertThat(items).isEmpty();
    }
  }

  private final Taken taken = new Taken();

  private PerfDataSummary read(PerfDataBuilder builder) throws IOException {
    Path file = Files.write(directory.resolve("perf.data"), builder.file());
    return PerfDataReader.read(file, taken);
  }

  private static byte[] packed(PerfDataBuilder builder) {
    return packed(PerfDataReaderTest.records(builder.file()));
  }

  private static byte[] packed(byte[] records) {
    return PerfDataBuilder.compressed(records, new Random(1));
  }

  private static PerfDataBuilder sample(int number) {
    return new PerfDataBuilder().sample(TID, number, 0, number, 9);
  }

  private static BranchRecord branch(int number) {
    return new BranchRecord(number, 9, 16, TID);
  }

  @Test
  void aCompressedRecordInACompressedOneIsRefused() throws IOException {
    PerfDataBuilder inside =
        new PerfDataBuilder()
            .raw(packed(sample(1)))
            .sample(TID, 2, 0, 2, 9)
            .sample(TID, 3, 0, 3, 9);

    PerfDataSummary summary = read(new PerfDataBuilder().raw(packed(inside)));

    assertThat(summary.damage())
        .containsExactly("a record of type 81 is in a compressed one, where none can be");
    assertThat(taken.records()).containsExactly(branch(2), branch(3));
  }

  @Test
  void auxDataInACompressedRecordIsRefused() throws IOException {
    PerfDataBuilder inside = new PerfDataBuilder();
    PerfDataReaderTest.auxData(inside, 300, TID, -1, 1, 2, 3, 4);
    inside.record(PerfRecord.COMM, 0, TID, 1, 0, TID, TID, PerfDataBuilder.text("x"));

    PerfDataSummary summary =
        read(
            PerfDataReaderTest.btsInfo(new PerfDataBuilder().withoutBranchStacks())
                .raw(packed(inside)));

    assertThat(summary.damage())
        .containsExactly("a record of type 71 is in a compressed one, where none can be");
    assertThat(taken.items).containsExactly(new SideEvent.ProcessStarted(TID, 1, TID, 0, "x"));
  }

  @Test
  void aDamagedRecordOfTheToolIsPassedOver() throws IOException {
    PerfDataSummary summary =
        read(
            new PerfDataBuilder()
                .tool(ToolRecord.BUILD_ID, 0, 1)
                .tool(ToolRecord.HEADER_FEATURE, 0, 1)
                .tool(ToolRecord.HEADER_ATTR, 0, 1)
                .tool(ToolRecord.AUXTRACE_INFO, 0, 2)
                .sample(TID, 1, 0, 1, 9));

    assertThat(summary.damage()).hasSize(4).allMatch(told -> told.contains("too few"));
    assertThat(taken.records()).containsExactly(branch(1));
  }

  @Test
  void afterDamageInTheCompressedStreamTheOtherRecordsAreRead() throws IOException {
    PerfDataSummary summary =
        read(
            new PerfDataBuilder()
                .raw(packed(sample(1)))
                .tool(ToolRecord.COMPRESSED, 0, -1L, -1L)
                .raw(packed(sample(2)))
                .sample(TID, 3, 0, 3, 9));

    assertThat(summary.damage()).hasSize(2);
    assertThat(summary.damage().get(0)).contains("not a part of a zstd stream");
    assertThat(summary.damage().get(1)).isEqualTo("a compressed record follows a damaged one");
    assertThat(taken.records()).containsExactly(branch(1), branch(3));
  }

  @Test
  void anIdThatNoEventHasIsDamageIfEventsDiffer() throws DamagedDataException {
    EventTable events = new EventTable();
    addEvent(events, SampleType.IDENTIFIER | SampleType.IP | SampleType.TID, 5);
    addEvent(events, SampleType.IDENTIFIER | SampleType.TID, 6);

    assertThat(events.format(withId(0))).isSameAs(events.format(withId(5)));
    assertThat(events.format(withId(6))).isNotSameAs(events.format(withId(5)));
    assertThatThrownBy(() -> events.format(withId(7)))
        .isInstanceOf(DamagedDataException.class)
        .hasMessageContaining("the id 7");
  }

  private static void addEvent(EventTable events, long parts, long id) throws DamagedDataException {
    ByteBuffer attr = PerfDataBuilder.buffer(PerfEventAttr.BYTES_VER5);
    attr.putInt(PerfEventAttr.SIZE_OFFSET, PerfEventAttr.BYTES_VER5);
    attr.putLong(PerfEventAttr.SAMPLE_TYPE_OFFSET, parts);
    attr.putLong(PerfEventAttr.FLAGS_OFFSET, PerfEventAttr.FLAG_SAMPLE_ID_ALL);
    ByteBuffer ids = PerfDataBuilder.buffer(Long.BYTES).putLong(0, id);
    events.add(attr, 0, PerfEventAttr.BYTES_VER5, ids);
  }

  private static PerfRecordView withId(long id) {
    ByteBuffer record = PerfDataBuilder.buffer(32).putInt(0, PerfRecord.SAMPLE);
    record.putLong(PerfRecord.HEADER_BYTES, id);
    return new PerfRecordView().wrap(record, 0, 32);
  }
}
