package dev.bts.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.Mechanism;
import dev.bts.kernel.FaultTrial.Operation;
import dev.bts.kernel.FaultTrial.Scenario;
import dev.bts.kernel.sys.FaultInjector.Fault;
import dev.bts.kernel.sys.FaultInjector.Site;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * System calls that fail, each at any place, with each error that its manual page names. After each
 * the books are empty and the counters where they were; nothing is left in the tracer's process or
 * in the traced one, which ends as it would have; and whoever asked is told what failed, and how.
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class FaultsTest {
  /** Faults of each scenario in a normal build; {@link #everyFault} has all of them. */
  private static final int SAMPLE = 15;

  private static final long SEED = Long.getLong("bts.seed", 20261130);

  /** Part of the text of those scenarios whose faults are all tried: {@code policy=user}. */
  private static final String CHOSEN = System.getProperty("bts.faults", "");

  /** Part of the text of those faults that are tried: {@code EMFILE for no. 1}. */
  private static final String CHOSEN_FAULTS = System.getProperty("bts.fault", "");

  static Stream<Scenario> sampled() {
    return Stream.of(
        new Scenario(Operation.RECORD, "tracee", Mechanism.SINGLE_STEP),
        new Scenario(Operation.ATTACH, "tracee", Mechanism.SINGLE_STEP),
        new Scenario(Operation.RECORD, "user", Mechanism.SINGLE_STEP),
        new Scenario(Operation.RECLAIM, "tracee", Mechanism.NONE));
  }

  @ParameterizedTest
  @MethodSource("sampled")
  void aSampleOfFaults(Scenario scenario) {
    FaultSweep sweep = new FaultSweep(scenario);
    assertThat(sweep.undisturbed()).isEmpty();
    List<Fault> faults = sweep.faults();
    Collections.shuffle(faults, new Random(SEED));
    for (Fault fault : faults.subList(0, SAMPLE)) {
      assertThat(sweep.violations(fault)).as("replay with -Dbts.seed=" + SEED).isEmpty();
    }
  }

  @Test
  @Tag("slow")
  void everyFault() {
    Set<Site> known = new HashSet<>();
    List<String> violations = new ArrayList<>();
    int trials = 0;
    for (Scenario scenario : FaultSweep.scenarios()) {
      if (!scenario.toString().contains(CHOSEN)) {
        continue;
      }
      FaultSweep sweep = new FaultSweep(scenario);
      assertThat(sweep.undisturbed()).as(scenario.toString()).isEmpty();
      int before = known.size();
      List<Fault> faults =
          sweep.faults(known).stream()
              .filter(fault -> fault.toString().contains(CHOSEN_FAULTS))
              .toList();
      int wrong = violations.size();
      for (Fault fault : faults) {
        for (String violation : sweep.violations(fault)) {
          System.out.println(scenario + ": " + violation);
          violations.add(scenario + ": " + violation);
        }
      }
      trials += faults.size();
      System.out.println(
          scenario
              + ": "
              + (known.size() - before)
              + " sites, "
              + faults.size()
              + " faults, "
              + sweep.unreached()
              + " of them not reached, "
              + (violations.size() - wrong)
              + " violations");
    }
    System.out.println(known.size() + " sites, " + trials + " faults in all");
    assertThat(known).as("sites of the chosen scenarios").isNotEmpty();
    assertThat(violations).isEmpty();
  }
}
