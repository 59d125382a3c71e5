package dev.bts.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.accounting.JournaledLedger;
import dev.bts.accounting.PerfPays;
import dev.bts.accounting.Policies;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.Mechanism;
import dev.bts.api.Overflow;
import dev.bts.api.TraceRequest;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which mechanisms and payers go together. */
class PossiblePairTest {
  /** Charges what perf's buffers are charged to, under a name of its own. */
  private static final ChargingPolicy PINNING =
      new ChargingPolicy() {
        @Override
        public String name() {
          return "pinning";
        }

        @Override
        public ChargePlan plan(ChargeRequest request, AccountView view) {
          Account pinned = Account.pinnedVm(request.tracer().mm());
          return new ChargePlan.Admitted(List.of(new Charge(pinned, request.pages())), "");
        }
      };

  @Test
  void whatPerfChargesIsRefusedBeforeAnythingIsStarted() {
    JournaledLedger ledger = new JournaledLedger();
    for (ChargingPolicy policy : List.of(new PerfPays(), PINNING)) {
      // There is no such program: who looked for it would say so.
      TraceRequest request =
          TraceRequest.command("/there/is/no/such/program")
              .mechanisms(Mechanism.SINGLE_STEP)
              .policy(policy)
              .buffer(1 << 16, Overflow.WRAP)
              .build();
      assertThatThrownBy(() -> new KernelTracer(ledger).open(request).close())
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("trace by single-step and charge by policy '" + policy.name() + "'")
          .hasMessageContaining("pinned_vm")
          .hasMessageContaining("the ring and AUX buffers of perf, which belong to the kernel")
          .hasMessageContaining("choose --charge tracer");
    }
    assertThat(ledger.journal()).isEmpty();
  }

  @Test
  void allOtherPoliciesGoWithMechanismsThatRecordIntoMemoryOfTheirOwn() {
    for (ChargingPolicy policy : Policies.builtIn()) {
      if (!policy.name().equals(PerfPays.NAME)) {
        assertThatCode(() -> PossiblePair.require(Mechanism.SINGLE_STEP, policy))
            .doesNotThrowAnyException();
      }
    }
  }

  @Test
  void perfPaysForMechanismsOfPerfAndForNoMemoryAtAll() {
    for (Mechanism mechanism : List.of(Mechanism.INTEL_BTS, Mechanism.LBR, Mechanism.NONE)) {
      assertThatCode(() -> PossiblePair.require(mechanism, new PerfPays()))
          .doesNotThrowAnyException();
    }
  }
}
