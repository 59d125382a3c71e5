/** Ledger, receipts and charging policies. */
module dev.bts.accounting {
  requires transitive dev.bts.api;
  requires static com.google.guice;

  exports dev.bts.accounting;
  exports dev.bts.accounting.buffers;
  exports dev.bts.accounting.plan;

  uses dev.bts.api.charging.ChargingPolicy;
}
