package dev.bts.cli.trace;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.Principal;
import dev.bts.api.charging.Receipt;
import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.SideEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Traces that are random from a seed: chunks, each either records or one side event. */
final class RandomTrace {
  private final Random random;
  private final List<BranchRecord> known = new ArrayList<>();
  private long time;

  RandomTrace(long seed) {
    random = new Random(seed);
  }

  /** Returns a chunk: a list of {@link BranchRecord}, or a list of one {@link SideEvent}. */
  List<Object> chunk(int maxRecords) {
    if (random.nextInt(4) == 0) {
      return List.of(event());
    }
    List<Object> records = new ArrayList<>();
    int count = 1 + random.nextInt(maxRecords);
    for (int i = 0; i < count; i++) {
      records.add(record());
    }
    return records;
  }

  /** Returns a record: mostly one of those before, sometimes with any bits at all. */
  BranchRecord record() {
    if (!known.isEmpty() && random.nextInt(8) != 0) {
      BranchRecord old = known.get(random.nextInt(known.size()));
      return random.nextInt(16) == 0
          ? new BranchRecord(old.from(), old.to(), old.flags(), random.nextInt())
          : old;
    }
    BranchRecord record =
        new BranchRecord(
            address(), address(), random.nextInt(4) == 0 ? random.nextInt() : 0, tid());
    known.add(record);
    return record;
  }

  private int tid() {
    return random.nextInt(8) == 0 ? random.nextInt() : 1000 + random.nextInt(5);
  }

  private long address() {
    return switch (random.nextInt(6)) {
      case 0 -> random.nextLong();
      case 1 -> 0;
      case 2 -> -1;
      case 3 -> Long.MIN_VALUE + random.nextInt(3);
      default -> 0x5555_5555_0000L + random.nextInt(1 << 16);
    };
  }

  private String text() {
    String[] texts = {
      "", "/usr/bin/ls", "[vdso]", "a\nb\tc", "żółć 日本 \uD83D\uDE00", "x".repeat(4096)
    };
    return texts[random.nextInt(texts.length)];
  }

  SideEvent event() {
    time += random.nextInt(10) == 0 ? random.nextLong() : random.nextInt(1000);
    int tid = tid();
    int a = random.nextInt();
    int b = random.nextInt();
    return switch (random.nextInt(13)) {
      case 0 -> new SideEvent.ProcessStarted(tid, time, a, b, text());
      case 1 -> new SideEvent.ProcessExited(tid, time, a, b, random.nextInt(65));
      case 2 -> new SideEvent.ThreadStarted(tid, time, a, b);
      case 3 -> new SideEvent.ThreadExited(tid, time, a);
      case 4 -> new SideEvent.Exec(tid, time, a, text());
      case 5 ->
          new SideEvent.Mapped(
              tid, time, a, address(), address(), random.nextLong(), text(), "00ff");
      case 6 -> new SideEvent.Arrived(tid, time, a);
      case 7 -> new SideEvent.Departed(tid, time, a);
      case 8 -> new SideEvent.Signalled(tid, time, a);
      case 9 -> new SideEvent.Lost(tid, time, random.nextInt(1 << 20), text());
      case 10 -> new SideEvent.Charged(tid, time, receipt());
      case 11 -> new SideEvent.Refunded(tid, time, receipt());
      default -> new SideEvent.AccountingDrift(tid, time, text(), random.nextLong(), b);
    };
  }

  private Receipt receipt() {
    AccountOwner.AddressSpace mm = new AccountOwner.AddressSpace(random.nextInt(), 7);
    Principal user = new Principal(random.nextLong(), random.nextInt());
    return new Receipt(
        random.nextLong(),
        "tracer",
        text(),
        random.nextInt(1 << 30),
        List.of(
            new Charge(Account.totalVm(mm), random.nextInt(1 << 30)),
            new Charge(Account.userMemlock(user), 1),
            new Charge(new Account(Account.Kind.GROUP_MEMORY, new AccountOwner.Group(text())), 0)),
        random.nextBoolean() ? "CAP_IPC_LOCK" : "");
  }
}
