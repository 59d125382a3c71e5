package dev.bts.sim;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.multibindings.MapBinder;
import dev.bts.api.BranchTracer;
import dev.bts.api.charging.Ledger;
import dev.bts.sim.kernel.Machine;

/**
 * The Guice bindings of the simulated backend: one {@link Machine}, and the {@link SimTracer} under
 * its name in a {@code Map<String, BranchTracer>}. Needs a {@link Ledger}, which {@code
 * dev.bts.accounting.AccountingModule} binds.
 */
// Guice types are in this class's signatures, but requiring Guice transitively would make every
// dependent's compilation need it; who uses this class requires Guice anyway.
@SuppressWarnings("exports")
public final class SimModule extends AbstractModule {
  /** Creates the module. */
  public SimModule() {}

  @Override
  protected void configure() {
    bind(Machine.class).in(Singleton.class);
    MapBinder.newMapBinder(binder(), String.class, BranchTracer.class)
        .addBinding(SimTracer.NAME)
        .to(SimTracer.class);
  }

  @Provides
  @Singleton
  static SimTracer tracer(Machine machine, Ledger ledger) {
    return new SimTracer(machine, ledger);
  }
}
