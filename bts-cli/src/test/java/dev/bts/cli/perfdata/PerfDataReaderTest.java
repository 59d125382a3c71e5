package dev.bts.cli.perfdata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.bts.api.BtsException;
import dev.bts.api.Fidelity;
import dev.bts.api.Mechanism;
import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.trace.CollectingVisitor;
import dev.bts.kernel.perf.PerfRecord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PerfDataReaderTest {
  /**
   * {@code perf script -F brstack}, each line read from its end: "from to" in hex, one a line. By
   * perf 6.1, which lists the newest branch of a sample first.
   */
  private static final String SAMPLE_SHA256 =
      "65612421f6960ba1e3c94f2337b6a70e01420727bce27641f5de5aa09e390b9c";

  private static final int SAMPLE_BRANCHES = 119_424;
  private static final int TID = 70;

  @TempDir Path directory;

  private static final class Taken extends CollectingVisitor implements PerfDataSink {
    private final List<PerfDataOrigin> origins = new ArrayList<>();

    @Override
    public void begin(PerfDataOrigin origin) {
      assertThat(items).isEmpty();
      origins.add(origin);
    }
  }

  private final Taken taken = new Taken();

  private PerfDataSummary read(byte[] file) throws IOException {
    return PerfDataReader.read(Files.write(directory.resolve("perf.data"), file), taken);
  }

  static byte[] recorded() throws IOException {
    try (InputStream in =
        PerfDataReaderTest.class.getResourceAsStream("data/lbr-sample.perf.data.zst")) {
      byte[] compressed = Objects.requireNonNull(in, "the sample is missing").readAllBytes();
      return Zstd.decompress(compressed, (int) Zstd.getFrameContentSize(compressed));
    }
  }

  private static String sha256(List<BranchRecord> branches) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    StringBuilder text = new StringBuilder();
    for (BranchRecord b : branches) {
      text.append(Long.toHexString(b.from())).append(' ').append(Long.toHexString(b.to()));
      text.append('\n');
    }
    digest.update(text.toString().getBytes(StandardCharsets.US_ASCII));
    return HexFormat.of().formatHex(digest.digest());
  }

  private void assertIsTheSample(PerfDataSummary summary) throws Exception {
    assertThat(summary)
        .isEqualTo(new PerfDataSummary(Fidelity.SAMPLED, SAMPLE_BRANCHES, 3740, List.of()));
    assertThat(taken.records()).hasSize(SAMPLE_BRANCHES);
    assertThat(sha256(taken.records())).isEqualTo(SAMPLE_SHA256);
    assertThat(taken.origins).hasSize(1);
    assertThat(taken.origins.get(0).mechanism()).isEqualTo(Mechanism.LBR);
  }

  @Test
  void aRecordingOfRealHardwareHasTheBranchesThatPerfLists() throws Exception {
    PerfDataSummary summary = read(recorded());

    assertIsTheSample(summary);
    assertThat(taken.origins.get(0).command()).containsExactly("./propeller_sample_1.bin.gen");
    assertThat(taken.origins.get(0).machine())
        .containsEntry("architecture", "x86_64")
        .containsEntry("kernel", "Linux 4.15.0-smp-912.24.0.0");
    assertThat(taken.items)
        .contains(new SideEvent.Exec(5595, 914_937_300_849_851L, 5595, "propeller_sampl"));
    List<SideEvent.Mapped> mappings =
        taken.items.stream()
            .filter(SideEvent.Mapped.class::isInstance)
            .map(SideEvent.Mapped.class::cast)
            .toList();
    assertThat(mappings).hasSize(4);
    assertThat(mappings.get(0).buildId()).isEqualTo("572ac72487ae1966");
    // The hardware tells of each branch whether it was predicted.
    assertThat(taken.records().stream().filter(b -> b.flags() != 0).count())
        .isBetween(100_000L, (long) SAMPLE_BRANCHES);
  }

  @Test
  void theSameThroughAPipe() throws Exception {
    assertIsTheSample(read(asPipe(recorded(), records(recorded()))));
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void theSameCompressed(long seed) throws Exception {
    byte[] packed = PerfDataBuilder.compressed(records(recorded()), new Random(seed));
    assertIsTheSample(read(asPipe(recorded(), packed)));
  }

  @Test
  void whereAnAttributeIsOldWhatItDoesNotHaveIsZero() throws IOException {
    PerfDataBuilder old = new PerfDataBuilder().attrBytes(64).sample(TID, 5, 9, 1, 2, 3, 4);
    for (byte[] form : List.of(old.file(), old.pipe())) {
      taken.items.clear();
      assertThat(read(form).damage()).isEmpty();
      assertThat(taken.items)
          .containsExactly(
              new SideEvent.ProcessStarted(TID, 5, TID, 0, ""),
              new SideEvent.Sampled(TID, 5, 9),
              new BranchRecord(3, 4, 0, TID),
              new BranchRecord(1, 2, 16, TID));
    }
  }

  @Test
  void whatHappenedBesideIsTold() throws IOException {
    byte[] name = PerfDataBuilder.text("/usr/bin/program");
    PerfDataBuilder file =
        new PerfDataBuilder()
            .record(PerfRecord.COMM, 0, 7, 1, 0, 7, 7, PerfDataBuilder.text("perf"))
            .record(
                PerfRecord.COMM,
                PerfRecord.MISC_COMM_EXEC,
                7,
                2,
                0,
                7,
                7,
                PerfDataBuilder.text("program"))
            .record(
                PerfRecord.MMAP2, 2, 7, 3, 0, 7, 7, 4096L, 8192L, 512L, 0, 0, 0L, 0L, 5, 2, name)
            .record(
                PerfRecord.MMAP2, 2, 7, 4, 0, 7, 7, 4096L, 8192L, 512L, 0, 0, 0L, 0L, 3, 2, name)
            .record(
                PerfRecord.MMAP2,
                PerfRecord.MISC_MMAP_BUILD_ID | 2,
                7,
                5,
                0,
                7,
                7,
                65536L,
                4096L,
                0L,
                3,
                0xCCBBAA,
                0L,
                0L,
                5,
                2,
                name)
            .record(PerfRecord.MMAP, 1, -1, 6, 0, -1, 0, 4096L, 8192L, 0L, name)
            .record(PerfRecord.FORK, 0, 7, 7, 0, 7, 7, 8, 7, 7L)
            .record(PerfRecord.FORK, 0, 7, 8, 0, 9, 7, 9, 7, 8L)
            .record(PerfRecord.SWITCH, PerfRecord.MISC_SWITCH_OUT, 8, 9, 3)
            .record(PerfRecord.SWITCH, 0, 8, 10, 2)
            .record(PerfRecord.LOST, 0, 8, 11, 2, 1L, 12L)
            .record(PerfRecord.EXIT, 0, 8, 12, 2, 7, 7, 8, 7, 12L)
            .sample(7, 13, 4200, 4097, 4099);

    assertThat(read(file.file()).damage()).isEmpty();
    assertThat(taken.items)
        .containsExactly(
            new SideEvent.ProcessStarted(7, 1, 7, 0, "perf"),
            new SideEvent.Exec(7, 2, 7, "program"),
            new SideEvent.Mapped(7, 3, 7, 4096, 12288, 512, "/usr/bin/program", ""),
            new SideEvent.Mapped(7, 5, 7, 65536, 69632, 0, "/usr/bin/program", "aabbcc"),
            new SideEvent.ThreadStarted(8, 7, 7, 7),
            new SideEvent.ProcessStarted(9, 8, 9, 7, ""),
            new SideEvent.Departed(8, 9, 3),
            new SideEvent.Arrived(8, 10, 2),
            new SideEvent.Lost(8, 11, 12, "perf's ring was full"),
            new SideEvent.ThreadExited(8, 12, 7),
            new SideEvent.Sampled(7, 13, 4200),
            new BranchRecord(4097, 4099, 16, 7));
  }

  @Test
  void btsDataIsEveryBranchOfItsThread() throws IOException {
    PerfDataBuilder file =
        btsInfo(new PerfDataBuilder().withoutBranchStacks())
            .record(PerfRecord.COMM, 0, TID, 1, 0, TID, TID, PerfDataBuilder.text("x"))
            .record(PerfRecord.ITRACE_START, 0, 71, 2, 5, TID, 71);
    // By time of the counter: the second comes before the first.
    auxData(file, 300, TID, -1, 1, 2, 0, 0, 3, 4);
    auxData(file, 200, -1, 5, 5, 6, 0, 0);
    file.record(PerfRecord.AUX, 0, TID, 400, 0, 0L, 24L, PerfRecord.AUX_FLAG_TRUNCATED);

    PerfDataSummary summary = read(file.file());

    assertThat(summary).isEqualTo(new PerfDataSummary(Fidelity.COMPLETE, 3, 0, List.of()));
    assertThat(taken.origins.get(0).mechanism()).isEqualTo(Mechanism.INTEL_BTS);
    assertThat(taken.items)
        .containsExactly(
            new SideEvent.ProcessStarted(TID, 1, TID, 0, "x"),
            new SideEvent.ProcessStarted(71, 200, 71, 0, ""),
            new BranchRecord(5, 6, 16, 71),
            new BranchRecord(1, 2, 16, TID),
            new BranchRecord(3, 4, 16, TID),
            new SideEvent.Lost(TID, 400, 1, "the AUX area was full; so many at least"));
  }

  @Test
  void btsDataThatComesAfterTheEndOfItsThreadIsThatOfItsProcess() throws IOException {
    PerfDataBuilder file =
        btsInfo(new PerfDataBuilder().withoutBranchStacks())
            .record(PerfRecord.COMM, 0, 7, 1, 0, 7, 7, PerfDataBuilder.text("x"))
            .record(PerfRecord.FORK, 0, 7, 2, 0, 7, 7, 8, 7, 2L)
            .record(PerfRecord.EXIT, 0, 8, 3, 0, 7, 7, 8, 7, 3L);
    auxData(file, 300, 8, -1, 1, 2);
    assertThat(read(file.file()).damage()).isEmpty();
    assertThat(taken.items)
        .containsExactly(
            new SideEvent.ProcessStarted(7, 1, 7, 0, "x"),
            new SideEvent.ThreadStarted(8, 2, 7, 7),
            new SideEvent.ThreadExited(8, 3, 7),
            new BranchRecord(1, 2, 16, 8));
  }

  @Test
  void snapshotsAreAWindow() throws IOException {
    PerfDataBuilder file =
        new PerfDataBuilder()
            .withoutBranchStacks()
            .tool(ToolRecord.AUXTRACE_INFO, 0, 2, 0, 8L, 0L, 1L, 0L, 1L, 1L)
            .record(PerfRecord.COMM, 0, TID, 1, 0, TID, TID, PerfDataBuilder.text("x"));
    auxData(file, 300, TID, -1, 1, 2);
    assertThat(read(file.file()))
        .isEqualTo(new PerfDataSummary(Fidelity.WINDOWED, 1, 0, List.of()));
  }

  @Test
  void aDamagedRecordIsPassedOverAndThoseAroundItAreRead() throws IOException {
    PerfDataBuilder file =
        new PerfDataBuilder()
            .sample(TID, 1, 0, 1, 2)
            .tool(PerfRecord.SAMPLE, 0, 0L, TID, TID, 2L, 0L, 1000L)
            .tool(PerfRecord.SAMPLE, 0, 0L, TID, TID, 2L, 0L, -1L)
            .tool(PerfRecord.SAMPLE, 0, 0L)
            .tool(62, 0, 1L, 2L, 3L, 4L)
            .sample(TID, 3, 0, 3, 4);

    PerfDataSummary summary = read(file.file());

    assertThat(summary.damage()).hasSize(3);
    assertThat(taken.records())
        .containsExactly(new BranchRecord(1, 2, 16, TID), new BranchRecord(3, 4, 16, TID));
  }

  @Test
  void aCutOffFileGivesWhatStandsBeforeItsEnd() throws Exception {
    byte[] whole = recorded();
    List<BranchRecord> all = new ArrayList<>();
    read(whole);
    all.addAll(taken.records());
    Random random = new Random(5);
    for (int i = 0; i < 4; i++) {
      taken.items.clear();
      PerfDataSummary summary =
          read(Arrays.copyOf(whole, 2000 + random.nextInt(whole.length - 8000)));
      assertThat(summary.damage()).isNotEmpty();
      assertThat(taken.records()).hasSizeBetween(1, all.size() - 1);
      assertThat(all).containsSubsequence(taken.records());
    }
    // Killed before it wrote the size of the data: perf and bts read to the end.
    taken.items.clear();
    assertThat(
            read(ByteBuffer.wrap(whole).putLong(PerfFileLayout.DATA_OFFSET + 8, 0).array())
                .damage())
        .isNotEmpty();
    assertThat(taken.records()).isEqualTo(all);
  }

  /** Whatever the bytes are: it ends, with what could be read or an explanation. */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void hostileBytesNeverCrash(long seed) throws IOException {
    Random random = new Random(seed);
    byte[] small = Arrays.copyOf(records(recorded()), 6_000);
    for (int round = 0; round < 100; round++) {
      byte[] packed = PerfDataBuilder.compressed(small, random);
      PerfDataBuilder builder = btsInfo(new PerfDataBuilder());
      builder.raw(random.nextBoolean() ? small : packed);
      auxData(builder, 3, TID, -1, 1, 2, 3, 4);
      byte[] file = random.nextBoolean() ? builder.file() : builder.pipe();
      for (int i = random.nextInt(40); i >= 0; i--) {
        int at = random.nextInt(random.nextBoolean() ? 300 : file.length);
        file[at] = (byte) (random.nextBoolean() ? random.nextInt() : random.nextInt(3) - 1);
      }
      taken.items.clear();
      try {
        assertThat(read(file).branches()).isEqualTo(taken.records().size());
      } catch (BtsException e) {
        assertThat(e.explanation().obstacle()).isNotEmpty();
      }
      taken.origins.clear();
    }
  }

  @Test
  void whatIsNotReadIsRefusedWithTheReason() throws IOException {
    byte[] good = new PerfDataBuilder().sample(TID, 5, 9, 1, 2).file();
    byte[] foreign = good.clone();
    ByteBuffer.wrap(foreign).put(0, "2ELIFREP".getBytes(StandardCharsets.US_ASCII));
    assertRefused(foreign, "other byte order");
    ByteBuffer.wrap(foreign).put(0, "PERFFILE".getBytes(StandardCharsets.US_ASCII));
    assertRefused(foreign, "before 2010");
    assertRefused("this is no recording".getBytes(StandardCharsets.US_ASCII), "does not start");
    assertRefused(new byte[3], "does not start");
    assertRefused(
        new PerfDataBuilder().withoutBranchStacks().record(PerfRecord.EXIT, 0, 1, 1, 0).file(),
        "neither branch stacks nor BTS");
    assertRefused(
        new PerfDataBuilder().tool(ToolRecord.AUXTRACE_INFO, 0, 1, 0, 0L, 0L).file(), "Intel PT");
    assertThatThrownBy(() -> PerfDataReader.read(directory.resolve("none"), taken))
        .hasMessageContaining("there is no such file");
    assertThat(taken.origins).isEmpty();
  }

  private void assertRefused(byte[] file, String reason) {
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(BtsException.class)
        .hasMessageContaining(reason);
  }

  static PerfDataBuilder btsInfo(PerfDataBuilder builder) {
    return builder.tool(ToolRecord.AUXTRACE_INFO, 0, 2, 0, 8L, 0L, 1L, 0L, 1L, 0L);
  }

  /** Adds AUX data with these branches. */
  static void auxData(PerfDataBuilder builder, long counter, int tid, int cpu, long... fromTo) {
    ByteBuffer data = PerfDataBuilder.buffer(fromTo.length * 12);
    for (int i = 0; i < fromTo.length; i += 2) {
      data.putLong(fromTo[i]).putLong(fromTo[i + 1]).putLong(16);
    }
    builder
        .tool(ToolRecord.AUXTRACE, 0, (long) data.capacity(), 0L, counter, 0, tid, cpu, 0)
        .raw(PerfDataBuilder.bytes(data));
  }

  /** Returns the records of a file. */
  static byte[] records(byte[] file) {
    ByteBuffer header = PerfDataBuilder.buffer(file.length).put(0, file);
    int at = (int) header.getLong(PerfFileLayout.DATA_OFFSET);
    return Arrays.copyOfRange(file, at, at + (int) header.getLong(PerfFileLayout.DATA_OFFSET + 8));
  }

  /** Returns a pipe with the event of a file and these records. */
  private static byte[] asPipe(byte[] file, byte[] records) {
    ByteBuffer header = PerfDataBuilder.buffer(file.length).put(0, file);
    int attr = (int) header.getLong(PerfFileLayout.ATTRS_OFFSET);
    int size = header.getInt(attr + 4);
    ByteBuffer pipe =
        PerfDataBuilder.buffer(
            PerfFileLayout.PIPE_BYTES + PerfRecord.HEADER_BYTES + size + records.length);
    pipe.putLong(PerfFileLayout.MAGIC).putLong(PerfFileLayout.PIPE_BYTES);
    pipe.putInt(ToolRecord.HEADER_ATTR).putShort((short) 0);
    pipe.putShort((short) (PerfRecord.HEADER_BYTES + size));
    return PerfDataBuilder.bytes(pipe.put(file, attr, size).put(records));
  }
}
