/** Ledger, receipts and charging policies. */
@NullMarked
package dev.bts.accounting;

import org.jspecify.annotations.NullMarked;
