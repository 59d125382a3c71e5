/**
 * Who pays for trace memory: accounts, policies, plans, receipts and the ledger.
 *
 * <p>A {@link dev.bts.api.charging.ChargingPolicy} is a pure function from a {@link
 * dev.bts.api.charging.ChargeRequest} and an {@link dev.bts.api.charging.AccountView} to a {@link
 * dev.bts.api.charging.ChargePlan}. A {@link dev.bts.api.charging.Ledger} applies plans in two
 * phases and keeps {@link dev.bts.api.charging.Receipt}s; a refund is derived from a receipt and
 * from nothing else. Amounts are whole pages throughout.
 */
@NullMarked
package dev.bts.api.charging;

import org.jspecify.annotations.NullMarked;
