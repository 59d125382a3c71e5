package dev.bts.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Key;
import com.google.inject.TypeLiteral;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Ledger;
import dev.bts.api.charging.Refusal;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AccountingModuleTest {
  private static final Key<Map<String, ChargingPolicy>> POLICIES =
      Key.get(new TypeLiteral<Map<String, ChargingPolicy>>() {});

  /** A dependent's own policy. */
  static final class NobodyPays implements ChargingPolicy {
    @Override
    public String name() {
      return "nobody";
    }

    @Override
    public ChargePlan plan(ChargeRequest request, AccountView view) {
      return new ChargePlan.Refused(Refusal.because(name(), request.pages(), "nobody", "none"));
    }
  }

  @Test
  void bindsTheBuiltInPoliciesByNameAndOneLedger() {
    Injector injector = Guice.createInjector(new AccountingModule());
    Map<String, ChargingPolicy> policies = injector.getInstance(POLICIES);
    assertThat(policies).containsOnlyKeys("tracee", "tracer", "user", "perf", "cgroup");
    policies.forEach((name, policy) -> assertThat(policy.name()).isEqualTo(name));
    assertThat(injector.getInstance(Ledger.class)).isSameAs(injector.getInstance(Ledger.class));
  }

  @Test
  void aDependentsPolicyIsChosenLikeABuiltInOne() {
    Injector injector =
        Guice.createInjector(
            new AccountingModule(),
            new AbstractModule() {
              @Override
              protected void configure() {
                AccountingModule.policies(binder()).addBinding("nobody").to(NobodyPays.class);
              }
            });
    assertThat(injector.getInstance(POLICIES))
        .containsOnlyKeys("tracee", "tracer", "user", "perf", "cgroup", "nobody")
        .extractingByKey("nobody")
        .isInstanceOf(NobodyPays.class);
  }

  @Test
  void theRestWorksWithoutGuiceOnTheClassPath() throws Exception {
    URL[] withoutGuice = {location(Policies.class), location(Ledger.class)};
    try (URLClassLoader loader =
        new URLClassLoader(withoutGuice, ClassLoader.getPlatformClassLoader())) {
      assertThatThrownBy(() -> loader.loadClass("com.google.inject.Guice"))
          .isInstanceOf(ClassNotFoundException.class);
      Class<?> policies = loader.loadClass(Policies.class.getName());
      Object found = policies.getMethod("named", String.class).invoke(null, "tracer");
      assertThat(found.getClass().getName()).isEqualTo(TracerPays.class.getName());
      Object ledger =
          loader.loadClass(JournaledLedger.class.getName()).getConstructor().newInstance();
      assertThat(ledger.getClass().getMethod("liveReceipts").invoke(ledger))
          .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
          .isEmpty();
    }
  }

  private static URL location(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation();
  }
}
