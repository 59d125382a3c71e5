package dev.bts.sim.junit;

import dev.bts.api.charging.ChargingPolicy;
import dev.bts.sim.lab.Exploration;
import dev.bts.sim.lab.Explorer;
import dev.bts.sim.lab.Search;
import dev.bts.sim.lab.VerdictsPage;
import dev.bts.sim.rules.Bounds;
import dev.bts.sim.rules.PolicyRules;
import java.lang.reflect.Constructor;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Explores before the method runs, and fails it if the policy does not hold. */
final class PolicyCheck implements BeforeEachCallback, ParameterResolver {
  private final CheckPolicy check;
  private @Nullable Exploration found;

  PolicyCheck(CheckPolicy check) {
    this.check = check;
  }

  @Override
  public void beforeEach(@Nullable ExtensionContext context) throws ReflectiveOperationException {
    Exploration exploration = explored();
    if (exploration.verdict() == Exploration.Verdict.BROKEN) {
      throw new AssertionError(String.valueOf(exploration.counterexample()));
    }
    if (exploration.verdict() == Exploration.Verdict.PARTIAL) {
      throw new AssertionError(
          exploration.sentence() + ": allow more states, or ask for a smaller machine");
    }
  }

  private Exploration explored() throws ReflectiveOperationException {
    Exploration known = found;
    if (known == null) {
      Constructor<? extends ChargingPolicy> maker = check.policy().getDeclaredConstructor();
      maker.setAccessible(true);
      ChargingPolicy policy = maker.newInstance();
      Bounds bounds =
          VerdictsPage.boundsFor(policy)
              .withActors(check.tasks(), check.users())
              .withBuffers(check.buffers(), check.pages())
              .withLimits(check.limit(), 0, 1)
              .withEvents(Set.of(check.events()));
      Search search = Search.of(PolicyRules.of(policy), bounds);
      known = Explorer.explore(search.limited(Search.UNBOUNDED, check.states()));
      found = known;
    }
    return known;
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Exploration.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    try {
      return explored();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
