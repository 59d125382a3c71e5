package dev.bts.kernel;

import dev.bts.api.Mechanism;
import dev.bts.api.Overflow;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.probe.ProbeReport.Finding;
import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;
import dev.bts.kernel.helper.HelperProcess;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.Sys;

/** The measurement of the software BTS: a helper process serves requests while it is translated. */
final class TranslationProbe {
  private static final int REQUESTS = 8;

  private TranslationProbe() {}

  static Finding finding() {
    Notes notes = new Notes();
    try (HelperProcess helper = HelperProcess.start();
        TraceSession session =
            new KernelTracer()
                .open(
                    TraceRequest.process(helper.pid())
                        .mechanisms(Mechanism.SOFTWARE_BTS)
                        .buffer(Mapping.PAGE_BYTES, Overflow.DRAIN)
                        .sink(notes)
                        .build())) {
      session.start();
      for (int i = 0; i < REQUESTS; i++) {
        helper.call(Sys.GETPID);
      }
      session.detach();
    }
    boolean works = notes.branches > 0 && notes.reason.isEmpty() && notes.translated;
    return new Finding(
        Mechanism.SOFTWARE_BTS.label(),
        works,
        notes.branches + " branches while a translated process served " + REQUESTS + " requests",
        works ? "" : notes.obstacle(),
        works ? "" : "use single-step");
  }

  private static final class Notes implements TraceSink {
    private long branches;
    private boolean translated;
    private String reason = "";

    String obstacle() {
      return reason.isEmpty() ? "its code was not translated" : reason;
    }

    @Override
    public void branches(BranchCursor cursor) {
      while (cursor.next()) {
        branches++;
      }
    }

    @Override
    public void event(SideEvent event) {
      if (event instanceof SideEvent.Charged charged) {
        translated |= charged.receipt().isForTranslatedCode();
      } else if (event instanceof SideEvent.Lost lost) {
        reason = lost.reason();
      }
    }
  }
}
