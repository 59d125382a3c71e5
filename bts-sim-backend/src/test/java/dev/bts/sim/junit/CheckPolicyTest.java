package dev.bts.sim.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.accounting.TracerPays;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.sim.lab.Exploration;
import dev.bts.sim.rules.Event;
import java.util.List;
import org.junit.jupiter.api.Test;

class CheckPolicyTest {
  private int checked;

  /** A policy that looks at no limit. */
  static final class Careless implements ChargingPolicy {
    @Override
    public String name() {
      return "careless";
    }

    @Override
    public ChargePlan plan(ChargeRequest request, AccountView view) {
      return new ChargePlan.Admitted(
          List.of(new Charge(Account.lockedVm(request.tracer().mm()), request.pages())), "");
    }
  }

  /** Carries annotations that are read here and run by nobody. */
  @SuppressWarnings("UnusedMethod")
  private static final class Annotated {
    private Annotated() {}

    @CheckPolicy(policy = Careless.class, buffers = 1, pages = 1, limit = 1)
    void careless() {}

    @CheckPolicy(policy = TracerPays.class, states = 100)
    void impatient() {}
  }

  @CheckPolicy(policy = TracerPays.class, users = 2, buffers = 1, pages = 1, limit = 1)
  void aPolicyThatHoldsLetsTheMethodRun(Exploration found) {
    checked++;
    assertThat(found.verdict()).isEqualTo(Exploration.Verdict.HOLDS);
    assertThat(found.search().bounds().users()).isEqualTo(2);
    assertThat(checked).isEqualTo(1);
  }

  @CheckPolicy(
      policy = TracerPays.class,
      tasks = 2,
      buffers = 1,
      pages = 1,
      limit = 1,
      events = {Event.CLONE_VM, Event.HOTPLUG})
  void moreCanHappenIfItIsAskedFor(Exploration found) {
    assertThat(found.search().bounds().events()).containsOnly(Event.CLONE_VM, Event.HOTPLUG);
  }

  private static CheckPolicy annotation(String method) throws NoSuchMethodException {
    return Annotated.class.getDeclaredMethod(method).getAnnotation(CheckPolicy.class);
  }

  @Test
  void aPolicyThatDoesNotHoldFailsWithAShortestNumberedCounterexample() {
    assertThatThrownBy(() -> new PolicyCheck(annotation("careless")).beforeEach(null))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("careless is broken in 3 steps: 3. at admission")
        .hasMessageContaining("\n1. ")
        .hasMessageContaining("\n3. task 1 reserves 1 page for task 2");
  }

  @Test
  void whatWasNotLookedAtIsNoProof() {
    assertThatThrownBy(() -> new PolicyCheck(annotation("impatient")).beforeEach(null))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("partial: ")
        .hasMessageContaining("allow more states");
  }
}
