package dev.bts.kernel.memory;

import dev.bts.api.ChargeRefusedException;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Ledger;
import dev.bts.api.charging.Receipt;
import java.util.ArrayList;
import java.util.List;

/** The least that a ledger is, for tests of what happens below it. */
final class SimpleLedger implements Ledger {
  private final List<Reservation> reservations = new ArrayList<>();
  private final List<Receipt> receipts = new ArrayList<>();
  private long lastId;

  @Override
  public synchronized Reservation reserve(
      ChargingPolicy policy, ChargeRequest request, AccountView view, String buffer) {
    ChargePlan plan = policy.plan(request, view);
    if (plan instanceof ChargePlan.Refused refused) {
      throw new ChargeRefusedException(refused.refusal());
    }
    ChargePlan.Admitted admitted = (ChargePlan.Admitted) plan;
    Reservation reservation =
        new Reservation(
            new Receipt(
                ++lastId,
                policy.name(),
                buffer,
                request.pages(),
                admitted.charges(),
                admitted.liftedBy()));
    reservations.add(reservation);
    return reservation;
  }

  @Override
  public synchronized Receipt commit(Reservation reservation) {
    cancel(reservation);
    receipts.add(reservation.receipt());
    return reservation.receipt();
  }

  @Override
  public synchronized void cancel(Reservation reservation) {
    if (!reservations.remove(reservation)) {
      throw new IllegalStateException("resolved before: " + reservation);
    }
  }

  @Override
  public synchronized boolean refund(Receipt receipt) {
    return receipts.remove(receipt);
  }

  @Override
  public synchronized Receipt adopt(
      String policy, String buffer, long pages, List<Charge> charges, String liftedBy) {
    Receipt receipt = new Receipt(++lastId, policy, buffer, pages, charges, liftedBy);
    receipts.add(receipt);
    return receipt;
  }

  @Override
  public boolean handOver(Receipt receipt) {
    return refund(receipt);
  }

  @Override
  public synchronized long chargedPages(Account account) {
    return receipts.stream().mapToLong(receipt -> pages(receipt.charges(), account)).sum();
  }

  @Override
  public synchronized long reservedPages(Account account) {
    return reservations.stream()
        .mapToLong(reservation -> pages(reservation.receipt().charges(), account))
        .sum();
  }

  private static long pages(List<Charge> charges, Account account) {
    return charges.stream()
        .filter(charge -> charge.account().equals(account))
        .mapToLong(Charge::pages)
        .sum();
  }

  @Override
  public synchronized List<Receipt> liveReceipts() {
    return List.copyOf(receipts);
  }

  @Override
  public List<JournalEntry> journal() {
    return List.of();
  }
}
