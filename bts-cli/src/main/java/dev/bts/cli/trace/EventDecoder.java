package dev.bts.cli.trace;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.Principal;
import dev.bts.api.charging.Receipt;
import dev.bts.api.record.SideEvent;
import java.util.ArrayList;
import java.util.List;

/** Reads what {@link EventEncoder} wrote into one block. */
final class EventDecoder {
  private final ByteSource in;
  private long timeNanos;

  /** Reads from here; the source stands at the first event of a block. */
  EventDecoder(ByteSource in) {
    this.in = in;
  }

  SideEvent next() throws CorruptBlockException {
    int code = in.getByte();
    int tid = in.getInt();
    timeNanos += in.getSigned();
    return switch (code) {
      case EventCode.PROCESS_STARTED ->
          new SideEvent.ProcessStarted(tid, timeNanos, in.getInt(), in.getInt(), in.getString());
      case EventCode.PROCESS_EXITED ->
          new SideEvent.ProcessExited(tid, timeNanos, in.getInt(), in.getInt(), in.getInt());
      case EventCode.THREAD_STARTED ->
          new SideEvent.ThreadStarted(tid, timeNanos, in.getInt(), in.getInt());
      case EventCode.THREAD_EXITED -> new SideEvent.ThreadExited(tid, timeNanos, in.getInt());
      case EventCode.EXEC -> new SideEvent.Exec(tid, timeNanos, in.getInt(), in.getString());
      case EventCode.MAPPED -> mapped(tid);
      case EventCode.ARRIVED -> new SideEvent.Arrived(tid, timeNanos, in.getInt());
      case EventCode.DEPARTED -> new SideEvent.Departed(tid, timeNanos, in.getInt());
      case EventCode.SIGNALLED -> new SideEvent.Signalled(tid, timeNanos, in.getInt());
      case EventCode.SAMPLED -> new SideEvent.Sampled(tid, timeNanos, in.getUnsigned());
      case EventCode.LOST -> new SideEvent.Lost(tid, timeNanos, in.getUnsigned(), in.getString());
      case EventCode.CHARGED -> new SideEvent.Charged(tid, timeNanos, receipt());
      case EventCode.REFUNDED -> new SideEvent.Refunded(tid, timeNanos, receipt());
      case EventCode.ADOPTED -> new SideEvent.Adopted(tid, timeNanos, receipt());
      case EventCode.ACCOUNTING_DRIFT ->
          new SideEvent.AccountingDrift(
              tid, timeNanos, in.getString(), in.getSigned(), in.getSigned());
      default -> throw new CorruptBlockException("no side event has the code " + code);
    };
  }

  private SideEvent mapped(int tid) throws CorruptBlockException {
    int pid = in.getInt();
    long start = in.getUnsigned();
    long length = in.getUnsigned();
    return new SideEvent.Mapped(
        tid,
        timeNanos,
        pid,
        start,
        start + length,
        in.getUnsigned(),
        in.getString(),
        in.getString());
  }

  private Receipt receipt() throws CorruptBlockException {
    long id = in.getSigned();
    String policy = in.getString();
    String buffer = in.getString();
    String liftedBy = in.getString();
    long pages = pages();
    int count = in.getCount(FormatLimits.CHARGES);
    List<Charge> charges = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      long charged = pages();
      charges.add(new Charge(account(), charged));
    }
    return new Receipt(id, policy, buffer, pages, charges, liftedBy);
  }

  private long pages() throws CorruptBlockException {
    long pages = in.getUnsigned();
    if (pages < 0) {
      throw new CorruptBlockException("a number of pages has more than 63 bits");
    }
    return pages;
  }

  private Account account() throws CorruptBlockException {
    String kind = in.getString();
    for (Account.Kind known : Account.Kind.values()) {
      if (known.name().equals(kind)) {
        return new Account(known, owner());
      }
    }
    throw new CorruptBlockException("no account is called '" + kind + "'");
  }

  private AccountOwner owner() throws CorruptBlockException {
    int code = in.getByte();
    return switch (code) {
      case EventCode.OWNER_ADDRESS_SPACE ->
          new AccountOwner.AddressSpace(in.getInt(), in.getSigned());
      case EventCode.OWNER_USER ->
          new AccountOwner.User(new Principal(in.getUnsigned(), in.getInt()));
      case EventCode.OWNER_GROUP -> new AccountOwner.Group(in.getString());
      default -> throw new CorruptBlockException("no account owner has the code " + code);
    };
  }
}
