package dev.bts.cli.perfdata;

import dev.bts.api.record.TraceSink;

/** The receiver of what a perf.data file tells of branches. */
public interface PerfDataSink extends TraceSink {
  /** Takes where it comes from: once, before all else. */
  void begin(PerfDataOrigin origin);
}
