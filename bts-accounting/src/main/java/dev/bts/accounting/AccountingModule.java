package dev.bts.accounting;

import com.google.inject.AbstractModule;
import com.google.inject.Binder;
import com.google.inject.Singleton;
import com.google.inject.multibindings.MapBinder;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Ledger;

/**
 * The Guice bindings of accounting: one {@link Ledger}, and the charging policies by name as a
 * {@code Map<String, ChargingPolicy>}.
 *
 * <p>A policy of your own is added from your module, and is then chosen like a built-in one:
 *
 * <pre>{@code
 * AccountingModule.policies(binder()).addBinding("mine").to(MyPolicy.class);
 * }</pre>
 *
 * <p>Guice is optional: nothing else in bts refers to this class, and without Guice on the class
 * path {@link Policies} and {@link JournaledLedger} are used directly.
 */
// Guice types are in this class's signatures, but requiring Guice transitively would make every
// dependent's compilation need it; who uses this class requires Guice anyway.
@SuppressWarnings("exports")
public final class AccountingModule extends AbstractModule {
  /** Creates the module. */
  public AccountingModule() {}

  /** Returns the binder to which any module may add a policy under its name. */
  public static MapBinder<String, ChargingPolicy> policies(Binder binder) {
    return MapBinder.newMapBinder(binder, String.class, ChargingPolicy.class);
  }

  @Override
  protected void configure() {
    bind(Ledger.class).to(JournaledLedger.class).in(Singleton.class);
    MapBinder<String, ChargingPolicy> policies = policies(binder());
    for (ChargingPolicy policy : Policies.builtIn()) {
      policies.addBinding(policy.name()).toInstance(policy);
    }
  }
}
