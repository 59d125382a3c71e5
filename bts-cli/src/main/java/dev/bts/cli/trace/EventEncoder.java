package dev.bts.cli.trace;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.Receipt;
import dev.bts.api.record.SideEvent;

/** Writes side events one after another; times are differences within one block. */
final class EventEncoder {
  private final ByteSink out;
  private long lastTimeNanos;

  EventEncoder(ByteSink out) {
    this.out = out;
  }

  /** Begins a new block. */
  void reset() {
    lastTimeNanos = 0;
  }

  void put(SideEvent event) {
    if (event instanceof SideEvent.ProcessStarted e) {
      start(EventCode.PROCESS_STARTED, e);
      out.putSigned(e.pid());
      out.putSigned(e.parentPid());
      out.putString(e.command());
    } else if (event instanceof SideEvent.ProcessExited e) {
      start(EventCode.PROCESS_EXITED, e);
      out.putSigned(e.pid());
      out.putSigned(e.code());
      out.putSigned(e.signal());
    } else if (event instanceof SideEvent.ThreadStarted e) {
      start(EventCode.THREAD_STARTED, e);
      out.putSigned(e.pid());
      out.putSigned(e.parentTid());
    } else if (event instanceof SideEvent.ThreadExited e) {
      start(EventCode.THREAD_EXITED, e);
      out.putSigned(e.pid());
    } else if (event instanceof SideEvent.Exec e) {
      start(EventCode.EXEC, e);
      out.putSigned(e.pid());
      out.putString(e.path());
    } else if (event instanceof SideEvent.Mapped e) {
      start(EventCode.MAPPED, e);
      out.putSigned(e.pid());
      out.putUnsigned(e.start());
      out.putUnsigned(e.end() - e.start());
      out.putUnsigned(e.fileOffset());
      out.putString(e.path());
      out.putString(e.buildId());
    } else if (event instanceof SideEvent.Arrived e) {
      start(EventCode.ARRIVED, e);
      out.putSigned(e.cpu());
    } else if (event instanceof SideEvent.Departed e) {
      start(EventCode.DEPARTED, e);
      out.putSigned(e.cpu());
    } else if (event instanceof SideEvent.Signalled e) {
      start(EventCode.SIGNALLED, e);
      out.putSigned(e.signal());
    } else if (event instanceof SideEvent.Sampled e) {
      start(EventCode.SAMPLED, e);
      out.putUnsigned(e.address());
    } else if (event instanceof SideEvent.Lost e) {
      start(EventCode.LOST, e);
      out.putUnsigned(e.count());
      out.putString(e.reason());
    } else if (event instanceof SideEvent.Charged e) {
      start(EventCode.CHARGED, e);
      putReceipt(e.receipt());
    } else if (event instanceof SideEvent.Refunded e) {
      start(EventCode.REFUNDED, e);
      putReceipt(e.receipt());
    } else if (event instanceof SideEvent.Adopted e) {
      start(EventCode.ADOPTED, e);
      putReceipt(e.receipt());
    } else if (event instanceof SideEvent.AccountingDrift e) {
      start(EventCode.ACCOUNTING_DRIFT, e);
      out.putString(e.account());
      out.putSigned(e.predictedPages());
      out.putSigned(e.kernelPages());
    } else {
      throw new IllegalArgumentException("format version 1 has no code for " + event);
    }
  }

  private void start(int code, SideEvent event) {
    out.putByte(code);
    out.putSigned(event.tid());
    out.putSigned(event.timeNanos() - lastTimeNanos);
    lastTimeNanos = event.timeNanos();
  }

  private void putReceipt(Receipt receipt) {
    if (receipt.charges().size() > FormatLimits.CHARGES) {
      throw new IllegalArgumentException(
          "a receipt has "
              + receipt.charges().size()
              + " charges; the format keeps "
              + FormatLimits.CHARGES);
    }
    out.putSigned(receipt.id());
    out.putString(receipt.policy());
    out.putString(receipt.buffer());
    out.putString(receipt.liftedBy());
    out.putUnsigned(receipt.pages());
    out.putUnsigned(receipt.charges().size());
    for (Charge charge : receipt.charges()) {
      out.putUnsigned(charge.pages());
      putAccount(charge.account());
    }
  }

  private void putAccount(Account account) {
    out.putString(account.kind().name());
    AccountOwner owner = account.owner();
    if (owner instanceof AccountOwner.AddressSpace mm) {
      out.putByte(EventCode.OWNER_ADDRESS_SPACE);
      out.putSigned(mm.pid());
      out.putSigned(mm.generation());
    } else if (owner instanceof AccountOwner.User user) {
      out.putByte(EventCode.OWNER_USER);
      out.putUnsigned(user.principal().userNamespace());
      out.putSigned(user.principal().uid());
    } else if (owner instanceof AccountOwner.Group group) {
      out.putByte(EventCode.OWNER_GROUP);
      out.putString(group.path());
    } else {
      throw new IllegalArgumentException("format version 1 has no code for " + owner);
    }
  }
}
