package dev.bts.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.export.ExportFormat;
import dev.bts.cli.export.ExportOptions;
import dev.bts.cli.export.TraceExport;
import dev.bts.cli.symbols.ElfBuilder;
import dev.bts.cli.trace.Damage;
import dev.bts.cli.trace.TraceFiles;
import dev.bts.cli.trace.TraceWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What each format says of one small trace. That other tools read them is tested in bts-it. */
class ExportCommandTest {
  private static final long START = 0x555555554000L;
  private static final long MAIN = START;
  private static final long WORK = START + 0x40;
  private static final long ELSEWHERE = 0x7fff_0000_1000L;

  @TempDir Path directory;
  private Path trace = Path.of("unset");
  private Path program = Path.of("unset");

  /** Twice through a loop of work, then elsewhere; a gap; and once more, in another thread. */
  @BeforeEach
  void writeTrace() throws IOException {
    program =
        Files.write(
            directory.resolve("pro,gram"),
            new ElfBuilder().function("main", 0, 0x40).function("work", 0x40, 0x40).build());
    trace = directory.resolve("t.bts");
    try (TraceWriter writer = TraceWriter.create(trace)) {
      writer.begin(TraceFiles.HEADER);
      List<List<?>> chunks =
          List.of(
              List.of(new SideEvent.ProcessStarted(7, 1, 7, 1, "sh")),
              List.of(
                  new SideEvent.Mapped(
                      7,
                      3,
                      7,
                      START,
                      START + ElfBuilder.TEXT_BYTES,
                      ElfBuilder.TEXT_OFFSET,
                      program.toString(),
                      "")),
              List.of(
                  new BranchRecord(MAIN + 4, WORK, 0, 7),
                  new BranchRecord(WORK + 8, WORK, 0, 7),
                  new BranchRecord(WORK + 8, WORK, 16, 7),
                  new BranchRecord(WORK + 0x10, ELSEWHERE, 0, 7)),
              List.of(new SideEvent.Lost(7, 4, 3, "full")),
              List.of(new SideEvent.ThreadStarted(8, 5, 7, 7)),
              List.of(
                  new BranchRecord(ELSEWHERE, WORK, 0, 8),
                  new BranchRecord(WORK + 0x20, MAIN + 8, 0, 8)));
      chunks.forEach(chunk -> TraceFiles.feed(writer, chunk));
    }
  }

  private byte[] export(String format, String... options) throws IOException {
    Path out = directory.resolve("out");
    List<String> line = new ArrayList<>(List.of("export", "--format", format));
    line.addAll(List.of(options));
    line.addAll(List.of("-o", out.toString(), trace.toString()));
    Run run = Run.bts(line.toArray(String[]::new));
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out() + run.err()).isEmpty();
    return Files.readAllBytes(out);
  }

  private List<String> lines(String format, String... options) throws IOException {
    return new String(export(format, options), StandardCharsets.UTF_8).lines().toList();
  }

  private static String address(long address) {
    return Long.toHexString(address - START + ElfBuilder.BASE + ElfBuilder.TEXT_OFFSET);
  }

  @Test
  void brstackIsALineForEachStackTheNewestFirst() throws IOException {
    assertThat(lines("brstack"))
        .containsExactly(
            " 0x555555554050/0x7fff00001000/-/-/-/0/  0x555555554048/0x555555554040/-/-/-/0/ "
                + " 0x555555554048/0x555555554040/-/-/-/0/  0x555555554004/0x555555554040/-/-/-/0/ ",
            " 0x555555554060/0x555555554008/-/-/-/0/  0x7fff00001000/0x555555554040/-/-/-/0/ ");
  }

  @Test
  void boltHasSumsOfBranchesAndOfWhatRanBetween() throws IOException {
    assertThat(lines("bolt"))
        .containsExactlyInAnyOrder(
            "B " + address(MAIN + 4) + " " + address(WORK) + " 1 0",
            "B " + address(WORK + 8) + " " + address(WORK) + " 2 0",
            "B " + address(WORK + 0x10) + " X:0 1 0",
            "B X:0 " + address(WORK) + " 1 0",
            "B " + address(WORK + 0x20) + " " + address(MAIN + 8) + " 1 0",
            "F " + address(WORK) + " " + address(WORK + 8) + " 2",
            "F " + address(WORK) + " " + address(WORK + 0x10) + " 1",
            "F " + address(WORK) + " " + address(WORK + 0x20) + " 1");
    assertThat(lines("bolt", "--binary", "another")).isEmpty();
    assertThat(lines("bolt", "--binary", program.toString())).hasSize(8);
  }

  /** Local functions, as all of this file are, are numbered. */
  @Test
  void fdataHasSumsOfBranchesByFunction() throws IOException {
    assertThat(lines("fdata"))
        .containsExactlyInAnyOrder(
            "1 main/1 4 1 work/1 0 0 1",
            "1 work/1 8 1 work/1 0 0 2",
            "1 work/1 10 0 [unknown] 0 0 1",
            "0 [unknown] 0 1 work/1 0 0 1",
            "1 work/1 20 1 main/1 8 0 1");
  }

  @Test
  void csvHasEveryBranchWithItsFunctions() throws IOException {
    String file = "\"" + program + "\"";
    List<String> lines = lines("csv");
    assertThat(lines).hasSize(7);
    assertThat(lines.get(0)).startsWith("pid,tid,from,to,predicted,from_module,");
    assertThat(lines.get(3))
        .isEqualTo("7,7,555555554048,555555554040,1," + file + ",work,8," + file + ",work,0");
    assertThat(lines.get(5)).isEqualTo("7,8,7fff00001000,555555554040,0,,,0," + file + ",work,0");
  }

  @Test
  void drcovHasWhatRanBetweenBranches() throws IOException {
    byte[] file = export("drcov");
    String text = new String(file, StandardCharsets.ISO_8859_1);
    assertThat(text)
        .startsWith("DRCOV VERSION: 2\nDRCOV FLAVOR: bts\nModule Table: version 2, count 1\n")
        .contains(", " + program + "\nBB Table: 3 bbs\n");
    long base = Long.decode(text.lines().toList().get(4).split(", ", -1)[1]);
    ByteBuffer blocks = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    blocks.position(text.indexOf(" bbs\n") + 5);
    Set<String> ranges = new TreeSet<>();
    while (blocks.hasRemaining()) {
      long start = base + blocks.getInt();
      long end = start + blocks.getShort();
      assertThat(blocks.getShort()).isZero();
      ranges.add(Long.toHexString(start - WORK) + "-" + Long.toHexString(end - WORK));
    }
    assertThat(ranges).containsExactly("0-11", "0-21", "0-9");
  }

  @Test
  void callgrindCountsBranchesWhereTheyAre() throws IOException {
    assertThat(lines("callgrind"))
        .contains("positions: instr line", "events: Bt", "summary: 6", "totals: 6", "fn=work")
        .contains("0x" + address(WORK + 8) + " 0 2", "fn=??? in ???");
  }

  @Test
  void aWindowAndAThread() throws IOException {
    assertThat(lines("csv", "--window", "1..3")).hasSize(3);
    assertThat(lines("csv", "--window", "4..")).hasSize(3);
    assertThat(lines("csv", "--tid", "8")).hasSize(3);
    assertThat(lines("csv", "--tid", "8", "--window", "0..5")).hasSize(2);
  }

  @Test
  void whatCannotBeExportedIsRefused() {
    assertWrongUsage("no format 'pdf' is known", "--format", "pdf", "-o", "x");
    assertWrongUsage("two points", "--format", "csv", "--window", "3-4", "-o", "x");
    assertFails(
        "after -o", "--format", "csv", "-o", directory.resolve("no/such/directory").toString());
  }

  /** What stands before and behind damage must not look as if one followed the other. */
  @Test
  void noFormatJoinsWhatDamageParts() throws IOException {
    assertThat(linesOfDamaged(ExportFormat.BRSTACK)).hasSize(2);
    assertThat(linesOfDamaged(ExportFormat.BOLT)).hasSize(2).allMatch(line -> line.startsWith("B"));
  }

  private List<String> linesOfDamaged(ExportFormat format) throws IOException {
    Path out = directory.resolve("out");
    try (TraceExport export =
        format.create(out, TraceFiles.HEADER, new ExportOptions(false, program.toString()))) {
      export.event(
          new SideEvent.Mapped(
              7, 3, 7, START, START + 128, ElfBuilder.TEXT_OFFSET, program.toString(), ""));
      TraceFiles.feed(export, List.of(new BranchRecord(MAIN + 4, WORK, 0, 7)));
      export.damaged(new Damage(100, 200, Damage.UNKNOWN, Damage.UNKNOWN, "damaged"));
      TraceFiles.feed(export, List.of(new BranchRecord(WORK + 8, WORK, 0, 7)));
      export.finish();
    }
    return Files.readAllLines(out);
  }

  @Test
  void aTraceIsNotWrittenOver() throws IOException {
    byte[] before = Files.readAllBytes(trace);
    Path link = Files.createSymbolicLink(directory.resolve("link"), trace);
    assertFails("the same file", "--format", "csv", "-o", trace.toString());
    assertFails("the same file", "--format", "perf-data", "-o", link.toString());
    assertThat(trace).hasBinaryContent(before);
  }

  private void assertFails(String reason, String... options) {
    Run run = exportTrace(options);
    assertThat(run.status()).isEqualTo(ExitCode.FAILURE);
    assertThat(run.err()).contains(reason).hasLineCount(1);
  }

  private void assertWrongUsage(String reason, String... options) {
    Run run = exportTrace(options);
    assertThat(run.status()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains(reason).contains("try 'bts export --help'");
  }

  private Run exportTrace(String... options) {
    List<String> line = new ArrayList<>(List.of("export"));
    line.addAll(List.of(options));
    line.add(trace.toString());
    return Run.bts(line.toArray(String[]::new));
  }
}
