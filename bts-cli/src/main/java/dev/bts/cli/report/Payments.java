package dev.bts.cli.report;

import dev.bts.api.charging.Receipt;
import dev.bts.api.record.SideEvent;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Collects who paid, from accounting events. */
final class Payments {
  /** Receipts that are listed; a session has a few. */
  private static final int RECEIPTS_MAX = 4096;

  private final Map<Long, Receipt> charged = new LinkedHashMap<>();
  private final Set<Long> refunded = new HashSet<>();
  private long drifts;

  void add(SideEvent event) {
    if (event instanceof SideEvent.Charged e && charged.size() < RECEIPTS_MAX) {
      charged.put(e.receipt().id(), e.receipt());
    } else if (event instanceof SideEvent.Adopted e && charged.size() < RECEIPTS_MAX) {
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

  List<Payment> list() {
    return charged.values().stream().map(r -> new Payment(r, refunded.contains(r.id()))).toList();
  }
}
