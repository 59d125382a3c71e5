/** Ledger, receipts and charging policies. */
module dev.bts.accounting {
  requires transitive dev.bts.api;
  requires static com.google.guice;

  exports dev.bts.accounting;
  exports dev.bts.accounting.buffers;
  exports dev.bts.accounting.operations;
  exports dev.bts.accounting.plan;

  uses dev.bts.accounting.operations.LiveMachine;
  uses dev.bts.accounting.operations.MachineModel;
  uses dev.bts.api.charging.ChargingPolicy;
}
