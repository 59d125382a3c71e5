package dev.bts.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.accounting.JournaledLedger;
import dev.bts.accounting.Policies;
import dev.bts.accounting.plan.Planner;
import dev.bts.accounting.plan.PolicyPlan;
import dev.bts.accounting.plan.Verdict;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.Overflow;
import dev.bts.api.TargetException;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.plan.PlanRequest;
import dev.bts.api.plan.Subject;
import dev.bts.api.testing.Seeds;
import dev.bts.sim.kernel.Credentials;
import dev.bts.sim.kernel.Machine;
import dev.bts.sim.kernel.ResourceLimits;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** On the modelled machine, too, a session does what was planned. */
class SimPlanTest {
  private static final long PAGE_BYTES = 4096;

  private static PlanRequest request(Subject subject, long pages) {
    return new PlanRequest(subject, null, pages * PAGE_BYTES, 1, 1, false, false);
  }

  private static PolicyPlan plan(SimTracer tracer, PlanRequest request, String policy) {
    return Planner.plan(request, tracer.prospect(request), List.of(Policies.named(policy))).get(0);
  }

  private static TraceSession open(SimTracer tracer, String policy, long pages) {
    return tracer.open(
        TraceRequest.command("synthetic", "--branches", "10")
            .policy(Policies.named(policy))
            .buffer(pages * PAGE_BYTES, Overflow.WRAP)
            .build());
  }

  @Test
  void theLargestIsGrantedAndAPageMoreIsRefused() {
    Seeds.forEach(
        getClass(),
        "bts-sim-backend",
        25,
        seed -> {
          Random random = Seeds.random(seed);
          ResourceLimits limits =
              ResourceLimits.STANDARD.withMemlock(1 + random.nextInt(300 * (int) PAGE_BYTES));
          Machine machine = new Machine();
          SimTracer tracer =
              new SimTracer(
                  machine, new JournaledLedger(), machine.boot(Credentials.user(1000), limits));
          String policy = List.of("tracee", "tracer", "user", "perf").get(random.nextInt(4));
          PolicyPlan plan = plan(tracer, request(new Subject.Command(), 1), policy);
          if (plan.largestPages() > 0) {
            assertThat(plan.verdict()).isEqualTo(Verdict.FITS);
            open(tracer, policy, plan.largestPages()).close();
          }
          assertThatThrownBy(() -> open(tracer, policy, plan.largestPages() + 1))
              .as(plan.toString())
              .isInstanceOf(ChargeRefusedException.class);
          assertThat(plan(tracer, request(new Subject.Command(), 1), policy))
              .as("everything was given back")
              .isEqualTo(plan);
        });
  }

  @Test
  void aRunningProcessPaysFromWhatItHasLeft() {
    SimTracer tracer = new SimTracer();
    try (TraceSession first = open(tracer, "tracee", 100)) {
      PlanRequest request = request(new Subject.Running(first.pid()), 1);
      assertThat(plan(tracer, request, "tracee").largestPages()).isEqualTo(2048 - 100);
      assertThat(plan(tracer, request, "tracer").largestPages()).isEqualTo(2048);
    }
  }

  @Test
  void usersAndProcessesThatAreNotThereAreNamed() {
    SimTracer tracer = new SimTracer();
    assertThatThrownBy(() -> tracer.prospect(request(new Subject.Running(4711), 1)))
        .isInstanceOf(TargetException.class);
    assertThatThrownBy(() -> tracer.prospect(request(new Subject.OfUser("alice"), 1)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("alice");
  }
}
