/** The service provider interface of bts: tracer, session, buffer, accounting. */
module dev.bts.api {
  requires static transitive org.jspecify;

  exports dev.bts.api;
  exports dev.bts.api.charging;
  exports dev.bts.api.plan;
  exports dev.bts.api.probe;
  exports dev.bts.api.record;

  uses dev.bts.api.BranchTracer;
  uses dev.bts.api.charging.ChargingPolicy;
}
