package dev.bts.accounting.buffers;

import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.Receipt;
import dev.bts.api.record.BranchBuffer;

/**
 * A branch buffer and who paid for it. Once it is released nothing is recorded into it, but what it
 * holds can still be read.
 */
final class ChargedBuffer {
  private final BranchBuffer area;
  private final ChargedPages pages;
  private final Payer payer;

  ChargedBuffer(BranchBuffer area, ChargedPages pages) {
    this.area = area;
    this.pages = pages;
    this.payer = Payer.of(pages.receipt().charges());
  }

  BranchBuffer area() {
    return area;
  }

  Receipt receipt() {
    return pages.receipt();
  }

  Payer payer() {
    return payer;
  }

  boolean isPaidBy(AccountOwner owner) {
    return payer.includes(owner);
  }

  /** Checks that the charge still stands. */
  void verify() {
    pages.verify();
  }

  /** Gives the memory back; no record is looked for there any more, whatever happens. */
  void release() {
    try {
      area.seal();
    } finally {
      pages.release();
    }
  }
}
