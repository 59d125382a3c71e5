package dev.bts.sim.rules;

import java.util.ArrayList;
import java.util.List;

/** What must be true of accounting, in every state and in every step. */
public enum Invariant {
  /** A counter is what programs hold themselves and the sum of live receipts; none is negative. */
  COUNTERS(1, "every counter is foreign use plus live receipts, and none is below zero"),
  /** A live buffer has one receipt; a receipt is refunded once. */
  RECEIPTS(2, "every live buffer has a receipt, and is released and refunded once"),
  /** At admission charged is at most the limit; nothing grows while over it. */
  ENTITLEMENT(3, "at admission, charges are within the limit unless a named capability lifts it"),
  /** No locked page without a charge on an account that somebody lives under, and none twice. */
  BACKED(4, "every locked page is charged, once, to an account that is alive"),
  /** The payer is the requester's own principal. */
  CONSENT(5, "nobody pays for another principal without having consented"),
  /** What nobody can release any more is neither charged nor locked. */
  QUIET(6, "what nobody holds is neither charged nor locked"),
  /**
   * A request is refused only if the live buffers of its own kind, and what programs hold
   * themselves, leave no room: not because of a charge whose buffer has gone, nor of another
   * subsystem under another limit.
   */
  JUSTIFIED(7, "a refusal is due to live buffers of the same kind");

  /** All invariants, as bits. */
  public static final int ALL = (1 << values().length) - 1;

  private final int number;
  private final String text;

  Invariant(int number, String text) {
    this.number = number;
    this.text = text;
  }

  /** Returns its number, from 1. */
  public int number() {
    return number;
  }

  /** Returns it in words. */
  public String text() {
    return text;
  }

  /** Returns its bit. */
  public int bit() {
    return 1 << (number - 1);
  }

  /** Returns the invariants of some bits. */
  public static List<Invariant> of(int bits) {
    List<Invariant> all = new ArrayList<>();
    for (Invariant invariant : values()) {
      if ((bits & invariant.bit()) != 0) {
        all.add(invariant);
      }
    }
    return all;
  }
}
