/** A simulated Linux behind the interface of bts. */
module dev.bts.sim {
  requires transitive dev.bts.accounting;
  requires static com.google.guice;
  requires static org.junit.jupiter.api;

  exports dev.bts.sim;
  exports dev.bts.sim.experiment;
  exports dev.bts.sim.junit;
  exports dev.bts.sim.kernel;
  exports dev.bts.sim.lab;
  exports dev.bts.sim.program;
  exports dev.bts.sim.rules;

  provides dev.bts.api.BranchTracer with
      dev.bts.sim.SimTracer;
  provides dev.bts.accounting.operations.MachineModel with
      dev.bts.sim.operations.SimMachineModel;
}
