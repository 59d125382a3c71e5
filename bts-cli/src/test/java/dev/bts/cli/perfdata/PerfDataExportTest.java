package dev.bts.cli.perfdata;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.Bts24;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.export.TraceExport;
import dev.bts.cli.trace.CollectingVisitor;
import dev.bts.cli.trace.Damage;
import dev.bts.cli.trace.TraceFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is exported can be imported again. That perf reads the same is tested in bts-it. */
class PerfDataExportTest {
  private static final int THREADS = 5;

  @TempDir Path directory;

  private static final class Taken extends CollectingVisitor implements PerfDataSink {
    @Override
    public void begin(PerfDataOrigin origin) {
      assertThat(items).isEmpty();
    }
  }

  private interface Feeding {
    void feed(TraceExport export);
  }

  private Taken exportAndImport(boolean stacks, Feeding feeding) throws IOException {
    Path file = directory.resolve("perf.data");
    try (TraceExport export =
        stacks
            ? BranchStackExport.create(file, TraceFiles.HEADER)
            : BtsDataExport.create(file, TraceFiles.HEADER)) {
      feeding.feed(export);
      export.finish();
    }
    Taken taken = new Taken();
    assertThat(PerfDataReader.read(file, taken).damage()).isEmpty();
    return taken;
  }

  private static Map<Integer, List<BranchRecord>> byThread(List<BranchRecord> branches) {
    return branches.stream().collect(Collectors.groupingBy(BranchRecord::tid));
  }

  @ParameterizedTest(name = "stacks {0}")
  @ValueSource(booleans = {false, true})
  void branchesOfManyThreadsWithMappingsBetween(boolean stacks) throws IOException {
    Random random = new Random(11);
    List<BranchRecord> all = new ArrayList<>();
    Taken taken =
        exportAndImport(
            stacks,
            export -> {
              export.event(new SideEvent.ProcessStarted(100, 10, 100, 1, "program"));
              for (int round = 0; round < 400; round++) {
                List<BranchRecord> run = new ArrayList<>();
                int tid = 100 + random.nextInt(THREADS);
                for (int i = random.nextInt(300); i >= 0; i--) {
                  run.add(new BranchRecord(random.nextLong(), random.nextLong(), 0, tid));
                }
                all.addAll(run);
                TraceFiles.feed(export, run);
                if (random.nextInt(10) == 0) {
                  export.event(
                      new SideEvent.Mapped(100, round, 100, 4096, 8192, 0, "/bin/x", "ab12"));
                }
              }
            });
    assertThat(byThread(taken.records())).isEqualTo(byThread(all));
    assertThat(taken.items)
        .contains(new SideEvent.Mapped(100, mappedAt(taken), 100, 4096, 8192, 0, "/bin/x", "ab12"));
  }

  private static long mappedAt(Taken taken) {
    return taken.items.stream()
        .filter(SideEvent.Mapped.class::isInstance)
        .mapToLong(event -> ((SideEvent) event).timeNanos())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void sideEventsKeepTheirPlacesAmongTheBranches() throws IOException {
    BranchRecord before = new BranchRecord(1, 2, 16, 7);
    BranchRecord behind = new BranchRecord(3, 4, 0, 7);
    Taken taken =
        exportAndImport(
            false,
            export -> {
              export.event(new SideEvent.ProcessStarted(7, 50, 7, 1, "/bin/sh"));
              TraceFiles.feed(export, List.of(before));
              // Earlier by its own clock, later in the trace: the trace counts.
              export.event(new SideEvent.Exec(7, 40, 7, "/usr/bin/true"));
              export.event(new SideEvent.Mapped(7, 41, 7, 4096, 8192, 512, "", ""));
              TraceFiles.feed(export, List.of(behind));
              export.event(new SideEvent.Lost(7, 60, 9, "for a reason"));
              export.event(new SideEvent.ThreadStarted(8, 61, 7, 7));
              export.event(new SideEvent.ThreadExited(8, 62, 7));
            });
    assertThat(taken.items.stream().map(PerfDataExportTest::withoutTime).toList())
        .containsExactly(
            new SideEvent.ProcessStarted(7, 0, 7, 1, ""),
            before,
            new SideEvent.Exec(7, 0, 7, "true"),
            new SideEvent.Mapped(7, 0, 7, 4096, 8192, 512, "", ""),
            behind,
            new SideEvent.Lost(7, 0, 9, "perf's ring was full"),
            new SideEvent.ThreadStarted(8, 0, 7, 7),
            new SideEvent.ThreadExited(8, 0, 7));
  }

  private static Object withoutTime(Object item) {
    if (item instanceof SideEvent.ProcessStarted e) {
      return new SideEvent.ProcessStarted(e.tid(), 0, e.pid(), e.parentPid(), e.command());
    } else if (item instanceof SideEvent.Exec e) {
      return new SideEvent.Exec(e.tid(), 0, e.pid(), e.path());
    } else if (item instanceof SideEvent.Mapped e) {
      return new SideEvent.Mapped(
          e.tid(), 0, e.pid(), e.start(), e.end(), e.fileOffset(), e.path(), e.buildId());
    } else if (item instanceof SideEvent.Lost e) {
      return new SideEvent.Lost(e.tid(), 0, e.count(), e.reason());
    } else if (item instanceof SideEvent.ThreadStarted e) {
      return new SideEvent.ThreadStarted(e.tid(), 0, e.pid(), e.parentTid());
    } else if (item instanceof SideEvent.ThreadExited e) {
      return new SideEvent.ThreadExited(e.tid(), 0, e.pid());
    }
    return item;
  }

  /** Longer than a part of AUX data and than what waits for one thread. */
  @Test
  void longRunsOfOneThread() throws IOException {
    int count = 200_000;
    Taken taken = exportAndImport(false, export -> export.branches(counting(count)));
    List<BranchRecord> branches = taken.records();
    assertThat(branches).hasSize(count);
    for (int i = 0; i < count; i++) {
      assertThat(branches.get(i)).isEqualTo(new BranchRecord(i + 1, 2L * i, 16, 3));
    }
  }

  private static BranchCursor counting(int count) {
    return new BranchCursor() {
      private int at = -1;

      @Override
      public boolean next() {
        return ++at < count;
      }

      @Override
      public long from() {
        return at + 1L;
      }

      @Override
      public long to() {
        return 2L * at;
      }

      @Override
      public int flags() {
        return 16;
      }

      @Override
      public int tid() {
        return 3;
      }
    };
  }

  @Test
  void damageIsALoss() throws IOException {
    BranchRecord before = new BranchRecord(1, 2, 0, 7);
    BranchRecord behind = new BranchRecord(3, 4, 0, 7);
    Taken taken =
        exportAndImport(
            true,
            export -> {
              export.event(new SideEvent.ProcessStarted(7, 1, 7, 0, ""));
              TraceFiles.feed(export, List.of(before));
              export.event(new SideEvent.Sampled(7, 2, 77));
              export.damaged(new Damage(100, 200, 5, 0, "damaged"));
              TraceFiles.feed(export, List.of(behind));
              export.damaged(new Damage(300, 400, 0, 0, "nothing is missing"));
            });
    assertThat(
            taken.items.stream()
                .filter(item -> !(item instanceof SideEvent.Sampled))
                .map(PerfDataExportTest::withoutTime)
                .toList())
        .containsExactly(
            new SideEvent.ProcessStarted(7, 0, 7, 0, ""),
            before,
            new SideEvent.Lost(0, 0, 5, "perf's ring was full"),
            behind);
    assertThat(
            taken.items.stream()
                .filter(SideEvent.Sampled.class::isInstance)
                .map(sample -> ((SideEvent.Sampled) sample).address()))
        .containsExactly(2L, 77L, 4L);
  }

  @Test
  void whatIsNoBuildIdIsNone() throws IOException {
    List<String> hostile = List.of("xyz1", "abc", "ab".repeat(21), "-1", "\u0661\u0661");
    Taken taken =
        exportAndImport(
            false,
            export -> {
              TraceFiles.feed(export, List.of(new BranchRecord(1, 2, 0, 7)));
              for (String id : hostile) {
                export.event(new SideEvent.Mapped(7, 1, 7, 4096, 8192, 0, "/bin/x", id));
              }
            });
    assertThat(
            taken.items.stream()
                .filter(SideEvent.Mapped.class::isInstance)
                .map(mapping -> ((SideEvent.Mapped) mapping).buildId()))
        .hasSize(hostile.size())
        .containsOnly("");
  }

  @Test
  void whenTooManyWaitAllAreHandedOnAndNoneIsLost() {
    ByteBuffer taken = PerfDataBuilder.buffer(100 * Bts24.RECORD_BYTES);
    PendingBranches pending = new PendingBranches(32, 8, (tid, records) -> taken.put(records));
    pending.add(counting(100));
    pending.flush();
    assertThat(taken.hasRemaining()).isFalse();
    for (int i = 0; i < 100; i++) {
      assertThat(taken.getLong(i * Bts24.RECORD_BYTES + Bts24.FROM_OFFSET)).isEqualTo(i + 1L);
    }
  }

  @Test
  void sampledStacksStayAsTheyWereSampled() throws IOException {
    List<Object> items =
        List.of(
            new SideEvent.ProcessStarted(5, 1, 5, 0, ""),
            new SideEvent.Sampled(5, 2, 77),
            new SideEvent.Sampled(5, 3, 78),
            new BranchRecord(1, 2, 0, 5),
            new BranchRecord(3, 4, 0, 5),
            new SideEvent.Sampled(5, 4, 79));
    Taken taken =
        exportAndImport(
            true,
            export -> {
              for (Object item : items) {
                if (item instanceof SideEvent event) {
                  export.event(event);
                } else {
                  TraceFiles.feed(export, List.of(item));
                }
              }
            });
    assertThat(taken.items).isEqualTo(items);
  }
}
