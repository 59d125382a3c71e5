package dev.bts.kernel.memory;

import dev.bts.api.ChargeRefusedException;
import dev.bts.api.KernelException;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Ledger;
import dev.bts.api.charging.Receipt;
import dev.bts.api.record.SideEvent;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * A buffer with its receipt: where the ledger, which predicts, and the kernel, which decides, meet.
 *
 * <p>Every charge and every refund is checked against the kernel's counters: those of locked pages
 * before and after, and for total_vm and control groups, which move by themselves, the size of the
 * buffer's own mapping or file. Each difference is reported as an {@link
 * SideEvent.AccountingDrift}, whose numbers say by how many pages the ledger and the kernel moved
 * the account. A user's account is not checked while it cannot be measured, that is beyond the hard
 * RLIMIT_MEMLOCK.
 *
 * <p>One instance is not safe for several threads; several instances are.
 */
public final class ChargedMemory {
  /** Counters are compared over time, so one charge at a time may move them in this process. */
  private static final Object COUNTERS = new Object();

  private final Ledger ledger;
  private final KernelAccounts accounts;
  private final BufferMemory memory;
  private final Receipt receipt;
  private final Consumer<SideEvent.AccountingDrift> drifts;
  private final Map<Account, Long> heldBefore = new HashMap<>();
  private boolean released;

  private ChargedMemory(
      Ledger ledger,
      KernelAccounts accounts,
      BufferMemory memory,
      Receipt receipt,
      Consumer<SideEvent.AccountingDrift> drifts) {
    this.ledger = ledger;
    this.accounts = accounts;
    this.memory = memory;
    this.receipt = receipt;
    this.drifts = drifts;
  }

  /**
   * Reserves, allocates and commits; on failure nothing is charged and nothing is left.
   *
   * @param buffer what the pages are for, a name for people
   * @param drifts told of every difference between ledger and kernel, by the calling thread
   * @throws ChargeRefusedException if the policy or the kernel refuses
   * @throws dev.bts.api.InvalidRequestException if the kernel cannot charge what the policy plans
   */
  public static ChargedMemory open(
      Ledger ledger,
      ChargingPolicy policy,
      ChargeRequest request,
      KernelPlaces places,
      String buffer,
      Consumer<SideEvent.AccountingDrift> drifts) {
    ChargedMemory charged;
    Map<Account, OptionalLong> moved;
    synchronized (COUNTERS) {
      Ledger.Reservation reservation = ledger.reserve(policy, request, places.accounts(), buffer);
      List<Charge> charges = reservation.plan().charges();
      boolean allocated = false;
      try {
        KernelMovement movement = new KernelMovement(places.accounts(), charges, 0);
        BufferMemory memory = places.allocate(policy.name(), request, reservation.plan());
        allocated = true;
        Receipt receipt = commit(ledger, reservation, memory);
        charged = new ChargedMemory(ledger, places.accounts(), memory, receipt, drifts);
        moved = charged.afterCharge(movement);
      } catch (ChargeRefusedException kernelRefused) {
        reportRefused(kernelRefused, drifts);
        throw kernelRefused;
      } finally {
        if (!allocated) {
          ledger.cancel(reservation);
        }
      }
    }
    charged.compare(1, moved);
    return charged;
  }

  /**
   * Takes over what a dead tracer has left in a process that stands. No counter moves.
   *
   * @param tracee executes calls in the process, now and when it is released
   * @param payer the process's address space
   */
  public static ChargedMemory adopt(
      Ledger ledger,
      Orphan orphan,
      RemoteCalls tracee,
      AccountOwner.AddressSpace payer,
      String buffer,
      Consumer<SideEvent.AccountingDrift> drifts) {
    List<Charge> charges = orphan.charges(payer);
    BufferMemory memory = orphan.adopt(tracee);
    Receipt receipt = ledger.adopt(orphan.policy(), buffer, memory.pages(), charges, "");
    return new ChargedMemory(ledger, new KernelAccounts(false), memory, receipt, drifts);
  }

  /** Commits, or gives the memory back if the reservation has expired meanwhile. */
  private static Receipt commit(
      Ledger ledger, Ledger.Reservation reservation, BufferMemory memory) {
    boolean committed = false;
    try {
      Receipt receipt = ledger.commit(reservation);
      committed = true;
      return receipt;
    } finally {
      if (!committed) {
        memory.release();
      }
    }
  }

  private Map<Account, OptionalLong> afterCharge(KernelMovement movement) {
    boolean measured = false;
    try {
      Map<Account, OptionalLong> moved = movement.until(memory.mappedPages());
      measured = true;
      return moved;
    } finally {
      if (!measured) {
        giveBack();
      }
    }
  }

  /** The ledger let pass what the kernel did not: one of them is wrong about the account. */
  private static void reportRefused(
      ChargeRefusedException refused, Consumer<SideEvent.AccountingDrift> drifts) {
    Account account = refused.refusal().account();
    if (account != null) {
      report(drifts, account, refused.refusal().askedPages(), 0);
    }
  }

  /** Returns the part of the memory that records may be put in; see {@link BufferMemory#bytes}. */
  public ByteBuffer bytes() {
    return memory.bytes();
  }

  /** Returns who paid how much. */
  public Receipt receipt() {
    return receipt;
  }

  /**
   * Checks that the charge still stands: a tracee can unlock or unmap the buffer that it pays for,
   * a process of the paying user can unlock the user's, and one of this user cut a group's. Reports
   * a difference as drift, once until it changes.
   */
  public void verify() {
    for (Charge charge : receipt.charges()) {
      boolean size = KernelMovement.isSize(charge.account());
      long held = size ? memory.mappedPages() : memory.lockedPages();
      Long before = heldBefore.put(charge.account(), held);
      if (held != charge.pages() && (before == null || before != held)) {
        report(drifts, charge.account(), charge.pages(), held);
      }
    }
  }

  /**
   * Gives the memory back and refunds those who paid. Again, it has no effect.
   *
   * @throws KernelException if the kernel refuses to take it back, or the check failed; it is
   *     refunded nevertheless
   */
  public void release() {
    if (released) {
      return;
    }
    KernelException failure = null;
    Map<Account, OptionalLong> moved = Map.of();
    synchronized (COUNTERS) {
      KernelMovement movement = null;
      try {
        movement = new KernelMovement(accounts, receipt.charges(), memory.mappedPages());
      } catch (KernelException unmeasurable) {
        failure = unmeasurable;
      }
      try {
        giveBack();
      } catch (KernelException notTaken) {
        failure = notTaken;
      }
      if (movement != null) {
        moved = movement.until(memory.mappedPages());
      }
    }
    compare(-1, moved);
    if (failure != null) {
      throw failure;
    }
  }

  /**
   * Closes the books on a payer whose address space is gone, by exec or exit: the kernel has
   * refunded it then, and its counters, if there still are any, belong to another address space.
   */
  public void payerIsGone() {
    if (!released) {
      giveBack();
    }
  }

  private void giveBack() {
    released = true;
    try {
      memory.release();
    } finally {
      ledger.refund(receipt);
    }
  }

  /** Reports where the kernel did not move an account by the charge times {@code sign}. */
  private void compare(int sign, Map<Account, OptionalLong> moved) {
    for (Charge charge : receipt.charges()) {
      OptionalLong kernel = moved.getOrDefault(charge.account(), OptionalLong.empty());
      long predicted = sign * charge.pages();
      if (kernel.isPresent() && kernel.getAsLong() != predicted) {
        report(drifts, charge.account(), predicted, kernel.getAsLong());
      }
    }
  }

  private static void report(
      Consumer<SideEvent.AccountingDrift> drifts, Account account, long predicted, long kernel) {
    drifts.accept(
        new SideEvent.AccountingDrift(0, System.nanoTime(), account.toString(), predicted, kernel));
  }
}
