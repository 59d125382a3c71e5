package dev.bts.cli.perfdata;

import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;
import dev.bts.kernel.perf.PerfRecord;
import java.util.HashMap;
import java.util.Map;

/**
 * Makes side events of the records that tell of processes, threads, mappings and losses. The
 * kernel's own mappings are left out, and so are changes of a thread's name other than by exec.
 */
final class SideRecords {
  private static final int PROT_EXEC = 4;

  /** Threads and CPUs told apart at most; a machine has 2^22 pids at most. */
  private static final int ENTRIES_MAX = 1 << 22;

  private final TraceSink sink;
  private final FileFeatures features;
  private final Map<Integer, Integer> pidOfTid = new HashMap<>();
  private final Map<Integer, Integer> tidOfCpu = new HashMap<>();

  SideRecords(TraceSink sink, FileFeatures features) {
    this.sink = sink;
    this.features = features;
  }

  /** Takes a record; those that tell nothing of the above are passed over. */
  void take(PerfRecordView record, SampleFormat format, long time) throws DamagedDataException {
    switch (record.type()) {
      case PerfRecord.COMM -> comm(record, time);
      case PerfRecord.FORK -> fork(record, time);
      case PerfRecord.EXIT -> exit(record, time);
      case PerfRecord.MMAP, PerfRecord.MMAP2 -> mapping(record, time);
      case PerfRecord.LOST ->
          lost(record, format, time, PerfRecord.LOST_COUNT_OFFSET, "perf's ring was full");
      case PerfRecord.LOST_SAMPLES ->
          lost(record, format, time, PerfRecord.LOST_SAMPLES_COUNT_OFFSET, "samples were lost");
      case PerfRecord.ITRACE_START ->
          put(tidOfCpu, format.cpu(record), record.u32(PerfRecord.TID_OFFSET));
      case PerfRecord.SWITCH, PerfRecord.SWITCH_CPU_WIDE -> scheduled(record, format, time);
      default -> {}
    }
  }

  /** Tells the start of a thread that has not been heard of; the file begins in mid-life. */
  void ensureKnown(int pid, int tid, long time) {
    if (pid < 0 || tid < 0 || pidOfTid.containsKey(tid)) {
      return;
    }
    if (!pidOfTid.containsKey(pid)) {
      put(pidOfTid, pid, pid);
      sink.event(new SideEvent.ProcessStarted(pid, time, pid, 0, ""));
    }
    if (tid != pid) {
      put(pidOfTid, tid, pid);
      sink.event(new SideEvent.ThreadStarted(tid, time, pid, pid));
    }
  }

  /** Returns the process of a thread, or the thread itself if unknown. */
  int pid(int tid) {
    return pidOfTid.getOrDefault(tid, tid);
  }

  /** Returns the thread that ran on a CPU last, -1 if unknown. */
  int tidOnCpu(int cpu) {
    return tidOfCpu.getOrDefault(cpu, -1);
  }

  private void comm(PerfRecordView record, long time) throws DamagedDataException {
    int pid = record.u32(PerfRecord.PID_OFFSET);
    int tid = record.u32(PerfRecord.TID_OFFSET);
    String name = record.text(PerfRecord.COMM_NAME_OFFSET);
    if (record.hasMisc(PerfRecord.MISC_COMM_EXEC)) {
      ensureKnown(pid, tid, time);
      sink.event(new SideEvent.Exec(tid, time, pid, name));
    } else if (!pidOfTid.containsKey(pid)) {
      put(pidOfTid, pid, pid);
      sink.event(new SideEvent.ProcessStarted(pid, time, pid, 0, name));
    } else {
      ensureKnown(pid, tid, time);
    }
  }

  private void fork(PerfRecordView record, long time) throws DamagedDataException {
    int pid = record.u32(PerfRecord.PID_OFFSET);
    int tid = record.u32(PerfRecord.TASK_TID_OFFSET);
    int parent = record.u32(PerfRecord.TASK_PARENT_PID_OFFSET);
    put(pidOfTid, tid, pid);
    sink.event(
        pid == parent
            ? new SideEvent.ThreadStarted(
                tid, time, pid, record.u32(PerfRecord.TASK_PARENT_TID_OFFSET))
            : new SideEvent.ProcessStarted(tid, time, pid, parent, ""));
  }

  /**
   * With what status a process ended perf does not record. Whose a thread was stays known: its BTS
   * data may come after its end.
   */
  private void exit(PerfRecordView record, long time) throws DamagedDataException {
    int tid = record.u32(PerfRecord.TASK_TID_OFFSET);
    sink.event(new SideEvent.ThreadExited(tid, time, record.u32(PerfRecord.PID_OFFSET)));
  }

  private void mapping(PerfRecordView record, long time) throws DamagedDataException {
    int pid = record.u32(PerfRecord.PID_OFFSET);
    boolean mmap2 = record.type() == PerfRecord.MMAP2;
    boolean code =
        mmap2
            ? (record.u32(PerfRecord.MMAP2_PROTECTION_OFFSET) & PROT_EXEC) != 0
            : !record.hasMisc(PerfRecord.MISC_MMAP_DATA);
    if (pid < 0 || !code) {
      return;
    }
    String path = record.text(mmap2 ? PerfRecord.MMAP2_NAME_OFFSET : PerfRecord.MMAP_NAME_OFFSET);
    long start = record.u64(PerfRecord.MMAP_START_OFFSET);
    sink.event(
        new SideEvent.Mapped(
            record.u32(PerfRecord.TID_OFFSET),
            time,
            pid,
            start,
            start + record.u64(PerfRecord.MMAP_LENGTH_OFFSET),
            record.u64(PerfRecord.MMAP_FILE_OFFSET_OFFSET),
            path.equals("//anon") ? "" : path,
            mmap2 && record.hasMisc(PerfRecord.MISC_MMAP_BUILD_ID)
                ? buildId(record)
                : features.buildId(path)));
  }

  private static String buildId(PerfRecordView record) throws DamagedDataException {
    int length = record.u8(PerfRecord.MMAP2_BUILD_ID_SIZE_OFFSET);
    return record.hex(
        PerfRecord.MMAP2_BUILD_ID_OFFSET, Math.min(length, PerfRecord.BUILD_ID_BYTES));
  }

  private void lost(
      PerfRecordView record, SampleFormat format, long time, int countOffset, String reason)
      throws DamagedDataException {
    long count = record.u64(countOffset);
    if (count < 0) {
      throw new DamagedDataException("a record tells of an impossible number of losses");
    }
    sink.event(new SideEvent.Lost(Math.max(0, format.tid(record)), time, count, reason));
  }

  private void scheduled(PerfRecordView record, SampleFormat format, long time)
      throws DamagedDataException {
    int tid = format.tid(record);
    int cpu = format.cpu(record);
    if (record.hasMisc(PerfRecord.MISC_SWITCH_OUT)) {
      sink.event(new SideEvent.Departed(tid, time, cpu));
    } else {
      put(tidOfCpu, cpu, tid);
      sink.event(new SideEvent.Arrived(tid, time, cpu));
    }
  }

  private static void put(Map<Integer, Integer> map, int key, int value) {
    if (map.size() < ENTRIES_MAX || map.containsKey(key)) {
      map.put(key, value);
    }
  }
}
