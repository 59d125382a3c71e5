package dev.bts.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportCommandTest {
  /** Where the header of a perf.data file tells the place of the data. */
  private static final int DATA_OFFSET = 40;

  @TempDir Path directory;

  private Path recording(int missing) throws IOException {
    try (InputStream in =
        ImportCommandTest.class.getResourceAsStream("perfdata/data/lbr-sample.perf.data.zst")) {
      byte[] packed = Objects.requireNonNull(in, "the sample is missing").readAllBytes();
      byte[] whole = Zstd.decompress(packed, (int) Zstd.getFrameContentSize(packed));
      return Files.write(
          directory.resolve("perf.data"), Arrays.copyOf(whole, whole.length - missing));
    }
  }

  @Test
  void aRecordingBecomesATraceThatSaysWhatItIs() throws IOException {
    Path trace = directory.resolve("t.bts");
    Run run = Run.bts("import", "-o", trace.toString(), recording(0).toString());

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err())
        .startsWith("bts: sampled, 119424 branches in 3740 samples, ")
        .hasLineCount(1);
    assertThat(Run.bts("report", trace.toString()).out())
        .contains("lbr, sampled: ./propeller_sample_1.bin.gen")
        .contains("119424 branches in 1 thread, 0 lost")
        .contains("5595  propeller_sampl");
    assertThat(Run.bts("script", trace.toString()).out())
        .contains("propeller_sampl 5595 * sampled at 7f06d6a21e00");
  }

  @Test
  void aDamagedRecordingIsImportedAsFarAsItGoes() throws IOException {
    Path trace = directory.resolve("t.bts");
    Run run = Run.bts("import", "-o", trace.toString(), recording(1_000_000).toString());

    assertThat(run.status()).isEqualTo(ExitCode.DAMAGED);
    assertThat(run.err()).contains("ends within its records");
    assertThat(Run.bts("script", "--raw", trace.toString()).out().lines().count())
        .isBetween(50_000L, 119_000L);
  }

  @Test
  void aRecordingIsNotWrittenOver() throws IOException {
    Path recording = recording(0);
    byte[] before = Files.readAllBytes(recording);
    Run run = Run.bts("import", "-o", recording.toString(), recording.toString());
    assertThat(run.status()).isEqualTo(ExitCode.FAILURE);
    assertThat(run.err()).contains("the same file").hasLineCount(1);
    assertThat(recording).hasBinaryContent(before);
  }

  @Test
  void ifDamageLeavesNothingNoTraceIsWritten() throws IOException {
    Path recording = recording(0);
    byte[] whole = Files.readAllBytes(recording);
    int data = (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong(DATA_OFFSET);
    Files.write(recording, Arrays.copyOf(whole, data + 4));
    Path trace = directory.resolve("t.bts");

    Run run = Run.bts("import", "-o", trace.toString(), recording.toString());
    assertThat(run.status()).isEqualTo(ExitCode.DAMAGED);
    assertThat(run.err())
        .contains("nothing could be read of " + recording + "; no trace was written")
        .contains("the file ends within its records")
        .doesNotContain("bytes in");
    assertThat(trace).doesNotExist();
  }

  @Test
  void whatIsNoRecordingLeavesNoFileAndAnOldTraceAsItWas() throws IOException {
    Path noRecording = Files.writeString(directory.resolve("text"), "no recording at all");
    Path trace = directory.resolve("t.bts");

    Run run = Run.bts("import", "-o", trace.toString(), noRecording.toString());
    assertThat(run.status()).isEqualTo(ExitCode.FAILURE);
    assertThat(run.err()).contains("PERFILE2").hasLineCount(1);
    assertThat(trace).doesNotExist();

    Files.writeString(trace, "old");
    assertThat(Run.bts("import", "-o", trace.toString(), noRecording.toString()).status())
        .isEqualTo(ExitCode.FAILURE);
    assertThat(trace).hasContent("old");
  }
}
