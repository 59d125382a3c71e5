package dev.bts.cli.report;

import dev.bts.api.charging.Receipt;
import dev.bts.api.record.SideEvent;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Collects who paid, from accounting events. */
public final class Payments {
  /** Receipts that a report lists; a session has a few. */
  static final int LISTED_MAX = 4096;

  private final int most;
  private final Map<Long, Receipt> charged = new LinkedHashMap<>();
  private final Set<Long> refunded = new HashSet<>();
  private long drifts;

  /** Collects nothing yet, and at most so many receipts: those that were charged first. */
  public Payments(int most) {
    this.most = most;
  }

  /** Takes an event; those that are none of accounting are passed over. */
  public void add(SideEvent event) {
    if (event instanceof SideEvent.Charged e && charged.size() < most) {
      charged.put(e.receipt().id(), e.receipt());
    } else if (event instanceof SideEvent.Adopted e && charged.size() < most) {
      charged.put(e.receipt().id(), e.receipt());
    } else if (event instanceof SideEvent.Refunded e && charged.containsKey(e.receipt().id())) {
      refunded.add(e.receipt().id());
    } else if (event instanceof SideEvent.AccountingDrift) {
      drifts++;
    }
  }

  long drifts() {
    return drifts;
  }

  /** Returns the receipts, in the order of their charges. */
  public List<Payment> list() {
    return charged.values().stream().map(r -> new Payment(r, refunded.contains(r.id()))).toList();
  }
}
