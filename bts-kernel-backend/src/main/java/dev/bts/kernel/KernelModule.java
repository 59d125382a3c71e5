package dev.bts.kernel;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.multibindings.Multibinder;
import dev.bts.api.BranchTracer;
import dev.bts.api.charging.Ledger;

/**
 * The Guice bindings of the kernel backend: {@link KernelTracer}, writing into the bound {@link
 * Ledger}, and as one of the {@code Set<BranchTracer>}. Install {@link
 * dev.bts.accounting.AccountingModule} beside it.
 *
 * <p>Guice is optional: nothing else in bts refers to this class.
 */
// Guice types are in this class's signatures; who uses it requires Guice anyway.
@SuppressWarnings("exports")
public final class KernelModule extends AbstractModule {
  /** Creates the module. */
  public KernelModule() {}

  @Override
  protected void configure() {
    Multibinder.newSetBinder(binder(), BranchTracer.class).addBinding().to(KernelTracer.class);
  }

  @Provides
  @Singleton
  KernelTracer tracer(Ledger ledger) {
    return new KernelTracer(ledger);
  }
}
