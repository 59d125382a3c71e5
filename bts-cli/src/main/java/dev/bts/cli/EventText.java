package dev.bts.cli;

import dev.bts.api.charging.Receipt;
import dev.bts.api.record.SideEvent;
import java.util.stream.Collectors;

/** Side events in words. */
final class EventText {
  private EventText() {}

  static String of(SideEvent event) {
    if (event instanceof SideEvent.ProcessStarted e) {
      return "process " + e.pid() + " started by " + e.parentPid() + ": " + e.command();
    } else if (event instanceof SideEvent.ProcessExited e) {
      return "process "
          + e.pid()
          + (e.signal() == 0 ? " exited with " + e.code() : " was killed by signal " + e.signal());
    } else if (event instanceof SideEvent.ThreadStarted e) {
      return "thread started by " + e.parentTid() + " in process " + e.pid();
    } else if (event instanceof SideEvent.ThreadExited e) {
      return "thread exited in process " + e.pid();
    } else if (event instanceof SideEvent.Exec e) {
      return "exec " + e.path();
    } else if (event instanceof SideEvent.Mapped e) {
      return "mapped "
          + Long.toHexString(e.start())
          + "-"
          + Long.toHexString(e.end())
          + " "
          + (e.path().isEmpty() ? "[anonymous]" : e.path())
          + " from offset 0x"
          + Long.toHexString(e.fileOffset())
          + (e.buildId().isEmpty() ? "" : ", build id " + e.buildId());
    } else if (event instanceof SideEvent.Arrived e) {
      return "arrived on cpu " + e.cpu();
    } else if (event instanceof SideEvent.Departed e) {
      return "departed from cpu " + e.cpu();
    } else if (event instanceof SideEvent.Signalled e) {
      return "signal " + e.signal();
    } else if (event instanceof SideEvent.Sampled e) {
      return "sampled at " + Long.toHexString(e.address());
    } else if (event instanceof SideEvent.Lost e) {
      return "LOST " + e.count() + " branches: " + e.reason();
    } else if (event instanceof SideEvent.Charged e) {
      return "charged " + receipt(e.receipt());
    } else if (event instanceof SideEvent.Adopted e) {
      return "adopted from a dead session: " + receipt(e.receipt());
    } else if (event instanceof SideEvent.Refunded e) {
      return "refunded " + receipt(e.receipt());
    } else if (event instanceof SideEvent.AccountingDrift e) {
      return "ledger and kernel disagree about "
          + e.account()
          + ": "
          + e.predictedPages()
          + " pages predicted, "
          + e.kernelPages()
          + " found";
    }
    return event.toString();
  }

  private static String receipt(Receipt receipt) {
    return receipt.charges().stream().map(Object::toString).collect(Collectors.joining(", "))
        + " by policy "
        + receipt.policy()
        + " for "
        + receipt.buffer()
        + (receipt.liftedBy().isEmpty() ? "" : ", limit lifted by " + receipt.liftedBy());
  }
}
