package dev.bts.api.record;

/** One stretch of a {@link StreamLog}. */
abstract class StreamEntry {
  /** A side event. */
  static final class Event extends StreamEntry {
    final SideEvent event;

    Event(SideEvent event) {
      this.event = event;
    }

    /** As in 2008, where they lay in the buffer, scheduling records go with their neighbours. */
    boolean isScheduling() {
      return event instanceof SideEvent.Arrived || event instanceof SideEvent.Departed;
    }
  }

  /** Records of one buffer, one after another there too. The oldest may have been overwritten. */
  static final class Run extends StreamEntry {
    final BranchBuffer buffer;
    final long time;
    long records;
    long overwritten;

    Run(BranchBuffer buffer, long time) {
      this.buffer = buffer;
      this.time = time;
    }
  }

  /** Records that are missing, or none and only a note. */
  static final class Gap extends StreamEntry {
    int tid;
    final long time;
    long count;
    String reason;

    Gap(int tid, long time, long count, String reason) {
      this.tid = tid;
      this.time = time;
      this.count = count;
      this.reason = reason;
    }

    void absorb(Gap later) {
      count += later.count;
      if (tid != later.tid) {
        tid = 0;
      }
      if (!reason.equals(later.reason) && !reason.endsWith(" and others")) {
        reason += " and others";
      }
    }
  }
}
