package dev.bts.cli.perfdata;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.export.TraceExport;
import dev.bts.cli.symbols.AddressSpaces;
import dev.bts.cli.trace.TraceHeader;
import dev.bts.kernel.perf.PerfEventAttr;
import dev.bts.kernel.perf.PerfRecord;
import dev.bts.kernel.perf.SampleType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A trace as a perf.data file: side events as the kernel would record them, and branches as a
 * subclass sees fit.
 *
 * <p>perf sorts records by time. Those of a trace that are at the same time, or whose threads have
 * times of their own, get times one nanosecond apart, so that perf keeps the order of the trace.
 */
abstract class PerfDataExport implements TraceExport {
  private static final int PATH_BYTES_MAX = 4096;
  private static final int COMM_BYTES_MAX = 16;
  private static final Pattern BUILD_ID =
      Pattern.compile("([0-9a-fA-F]{2}){1," + PerfRecord.BUILD_ID_BYTES + "}");
  private static final int PROT_READ_EXEC = 5;
  private static final int MAP_PRIVATE = 2;

  /** What every record ends with: see {@link #end}. */
  private static final long ID_PARTS = SampleType.IDENTIFIER | SampleType.TID | SampleType.TIME;

  private final AddressSpaces spaces = new AddressSpaces();
  private final PendingBranches pending;
  private final PerfDataWriter writer;
  private long lastNanos;

  PerfDataExport(PerfDataWriter writer, TraceHeader header, int recordsPerThread, int recordsMax) {
    this.writer = writer;
    pending = new PendingBranches(recordsPerThread, recordsMax, this::branches);
    writer
        .attr(
            PerfEventAttr.FLAGS_OFFSET,
            PerfEventAttr.FLAG_SAMPLE_ID_ALL
                | PerfEventAttr.FLAG_EXCLUDE_KERNEL
                | PerfEventAttr.FLAG_EXCLUDE_HV
                | PerfEventAttr.FLAG_MMAP
                | PerfEventAttr.FLAG_MMAP2
                | PerfEventAttr.FLAG_COMM
                | PerfEventAttr.FLAG_COMM_EXEC
                | PerfEventAttr.FLAG_TASK)
        .attr(PerfEventAttr.SAMPLE_PERIOD_OFFSET, recordsPerThread)
        .attr(PerfEventAttr.SAMPLE_TYPE_OFFSET, ID_PARTS | SampleType.IP | sampleParts());
    String kernel = header.machine().getOrDefault("kernel", "unknown");
    writer.feature(PerfFileLayout.FEATURE_OSRELEASE, kernel.replaceFirst("^Linux ", ""));
    writer.feature(PerfFileLayout.FEATURE_VERSION, header.writer());
    writer.feature(PerfFileLayout.FEATURE_ARCH, "x86_64");
    writer.feature(PerfFileLayout.FEATURE_CPUDESC, header.machine().getOrDefault("cpu", "unknown"));
    writer.feature(PerfFileLayout.FEATURE_CMDLINE, List.copyOf(header.command()));
  }

  PerfDataWriter writer() {
    return writer;
  }

  /** Returns the parts of a sample beside id, thread, time and address. */
  abstract long sampleParts();

  /** Writes branches of one thread, as {@link PendingBranches.Consumer} gets them. */
  abstract void branches(int tid, ByteBuffer records);

  /** Takes notice of a sample: the branches that follow are its stack. */
  void sampled(SideEvent.Sampled sample) {}

  int pid(int tid) {
    return spaces.pid(tid);
  }

  /** Returns a time later than all before. */
  long tick() {
    return ++lastNanos;
  }

  @Override
  public void branches(BranchCursor cursor) {
    pending.add(cursor);
  }

  @Override
  public void event(SideEvent event) {
    if (event instanceof SideEvent.Sampled sample) {
      pending.flush(sample.tid());
      sampled(sample);
      lastNanos = Math.max(lastNanos, sample.timeNanos() - 1);
      return;
    }
    if (event instanceof SideEvent.ThreadExited || event instanceof SideEvent.ThreadStarted) {
      pending.flush(event.tid());
    } else if (event instanceof SideEvent.Lost) {
      flushBranches();
    } else {
      // Addresses may mean something else afterwards.
      pending.flush();
    }
    spaces.apply(event);
    lastNanos = Math.max(lastNanos, event.timeNanos() - 1);
    if (event instanceof SideEvent.ProcessStarted e) {
      task(PerfRecord.FORK, e.pid(), e.parentPid(), e.tid(), e.parentPid());
      if (!e.command().isEmpty()) {
        comm(e.pid(), e.tid(), e.command(), 0);
      }
    } else if (event instanceof SideEvent.ThreadStarted e) {
      task(PerfRecord.FORK, e.pid(), e.pid(), e.tid(), e.parentTid());
    } else if (event instanceof SideEvent.ThreadExited e) {
      task(PerfRecord.EXIT, e.pid(), e.pid(), e.tid(), e.tid());
    } else if (event instanceof SideEvent.Exec e) {
      comm(e.pid(), e.pid(), e.path(), PerfRecord.MISC_COMM_EXEC);
    } else if (event instanceof SideEvent.Mapped e) {
      mapping(e);
    } else if (event instanceof SideEvent.Lost e) {
      writer.begin(PerfRecord.LOST, 0).putLong(PerfDataWriter.EVENT_ID).putLong(e.count());
      end(pid(e.tid()), e.tid());
    }
  }

  /** Writes all that still waits: what follows does not belong to it. */
  void flushBranches() {
    pending.flush();
  }

  @Override
  public void finish() {
    flushBranches();
    writer.finish();
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }

  /** Ends a record that is no sample, with a time of its own. */
  void end(int pid, int tid) {
    writer.record().putInt(pid).putInt(tid).putLong(tick()).putLong(PerfDataWriter.EVENT_ID);
    writer.end();
  }

  private void task(int type, int pid, int parentPid, int tid, int parentTid) {
    writer
        .begin(type, 0)
        .putInt(pid)
        .putInt(parentPid)
        .putInt(tid)
        .putInt(parentTid)
        .putLong(lastNanos + 1);
    end(pid, tid);
  }

  private void comm(int pid, int tid, String command, int misc) {
    writer.begin(PerfRecord.COMM, misc).putInt(pid).putInt(tid);
    writer.putText(command.substring(command.lastIndexOf('/') + 1), COMM_BYTES_MAX);
    end(pid, tid);
  }

  private void mapping(SideEvent.Mapped e) {
    // A trace may hold any text here.
    boolean identified = BUILD_ID.matcher(e.buildId()).matches();
    byte[] buildId = HexFormat.of().parseHex(identified ? e.buildId() : "");
    ByteBuffer record =
        writer
            .begin(
                PerfRecord.MMAP2,
                PerfRecord.MISC_USER | (identified ? PerfRecord.MISC_MMAP_BUILD_ID : 0))
            .putInt(e.pid())
            .putInt(e.tid())
            .putLong(e.start())
            .putLong(e.end() - e.start())
            .putLong(e.fileOffset());
    byte[] id = new byte[PerfRecord.MMAP2_PROTECTION_OFFSET - PerfRecord.MMAP2_BUILD_ID_OFFSET];
    if (identified) {
      System.arraycopy(buildId, 0, id, 0, buildId.length);
    }
    record.putInt(identified ? buildId.length : 0).put(id);
    record.putInt(PROT_READ_EXEC).putInt(MAP_PRIVATE);
    writer.putText(e.path().isEmpty() ? "//anon" : e.path(), PATH_BYTES_MAX);
    end(e.pid(), e.tid());
  }
}
