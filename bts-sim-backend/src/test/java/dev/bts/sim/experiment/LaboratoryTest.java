package dev.bts.sim.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.accounting.Policies;
import dev.bts.api.InvalidRequestException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What experiments measure, against what can be computed by hand. */
class LaboratoryTest {
  private static final long KIB = 1024;
  private static final List<String> ALL =
      Policies.builtIn().stream().map(policy -> policy.name()).toList();

  private static Experiment experiment(List<String> policies, Object... parameters) {
    Map<Parameter, List<Long>> values = new EnumMap<>(Parameter.class);
    for (int i = 0; i < parameters.length; i += 2) {
      values.put((Parameter) parameters[i], List.of(((Number) parameters[i + 1]).longValue()));
    }
    return new Experiment("test", "", policies, values, 1);
  }

  private static Map<String, Result> measure(Experiment experiment) throws InterruptedException {
    Map<String, Result> byPolicy = new HashMap<>();
    Laboratory.carryOut(experiment, Map.of(), 2, result -> {})
        .forEach(result -> byPolicy.put(result.run().policy(), result));
    return byPolicy;
  }

  private static long value(Map<String, Result> results, String policy, Metric metric) {
    return Objects.requireNonNull(results.get(policy)).value(metric);
  }

  @Test
  void aTracerOfManyProgramsCanTraceAsManyAsItsPayerHasRoomFor() throws InterruptedException {
    Map<String, Result> results =
        measure(
            experiment(
                List.of("tracee", "tracer", "user"),
                Parameter.MEMLOCK,
                64 * KIB,
                Parameter.PROGRAMS,
                8,
                Parameter.BUFFER,
                16 * KIB));
    // Each program pays for itself; the tracer, and its user, for four of 16 KiB.
    assertThat(value(results, "tracee", Metric.TRACED)).isEqualTo(8);
    assertThat(value(results, "tracee", Metric.PEAK_USER)).isEqualTo(32);
    for (String policy : List.of("tracer", "user")) {
      Result result = Objects.requireNonNull(results.get(policy));
      assertThat(result.value(Metric.TRACED)).as(policy).isEqualTo(4);
      assertThat(result.value(Metric.REFUSED)).as(policy).isEqualTo(4);
      assertThat(result.value(Metric.PEAK_USER)).as(policy).isEqualTo(16);
    }
  }

  @Test
  void aBufferForEachThreadTakesAsManyTimesTheRoom() throws InterruptedException {
    Map<String, Result> results =
        measure(
            experiment(
                List.of("tracee"),
                Parameter.MEMLOCK,
                64 * KIB,
                Parameter.THREADS,
                5,
                Parameter.BUFFER,
                16 * KIB,
                Parameter.BUFFERS,
                1));
    assertThat(value(results, "tracee", Metric.TRACED)).isZero();
    assertThat(value(results, "tracee", Metric.REFUSED)).isOne();
  }

  @Test
  void aTraceTakesFromWhatTheProgramWantsOfItsOwn() throws InterruptedException {
    Map<String, Result> results =
        measure(
            experiment(
                ALL,
                Parameter.MEMLOCK,
                64 * KIB,
                Parameter.BUFFER,
                48 * KIB,
                Parameter.OWN,
                32 * KIB));
    assertThat(value(results, "tracee", Metric.OTHERS_REFUSED)).isOne();
    assertThat(value(results, "user", Metric.OTHERS_REFUSED)).isOne();
    for (String policy : List.of("tracer", "perf", "cgroup")) {
      assertThat(value(results, policy, Metric.OTHERS_REFUSED)).as(policy).isZero();
    }
  }

  @Test
  void onlyWhatTheTraceePaysOutlivesAKilledTracerAndThatUntilItsEnd() throws InterruptedException {
    Map<String, Result> results =
        measure(experiment(ALL, Parameter.PROGRAMS, 3, Parameter.CRASH, 100));
    for (String policy : ALL) {
      Result result = Objects.requireNonNull(results.get(policy));
      assertThat(result.value(Metric.ORPHANED))
          .as(policy)
          .isEqualTo(policy.equals("tracee") ? 3 * 16 : 0);
      assertThat(result.value(Metric.LEAKED)).as(policy).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1})
  void nobodyHoldsMoreThanHeMayHoweverTracersTraceOneAnother(long traced)
      throws InterruptedException {
    Map<Parameter, List<Long>> values = new EnumMap<>(Parameter.class);
    values.put(Parameter.MEMLOCK, List.of(64 * KIB));
    values.put(Parameter.GROUP, List.of(128 * KIB));
    values.put(Parameter.USERS, List.of(2L));
    values.put(Parameter.TRACERS, List.of(3L));
    values.put(Parameter.PROGRAMS, List.of(4L));
    values.put(Parameter.TRACED, List.of(traced));
    values.put(Parameter.BUFFER, List.of(8 * KIB, 24 * KIB));
    values.put(Parameter.OWN, List.of(8 * KIB));
    values.put(Parameter.ROUNDS, List.of(12L));
    values.put(Parameter.CRASH, List.of(20L));
    values.put(Parameter.EXIT, List.of(10L));
    Experiment experiment = new Experiment("test", "", ALL, values, 3);
    List<Result> results = Laboratory.carryOut(experiment, Map.of(), 2, result -> {});
    assertThat(results).hasSize(2 * ALL.size() * 3);
    for (Result result : results) {
      assertThat(result.value(Metric.BEYOND)).as(result.toString()).isZero();
      assertThat(result.value(Metric.LEAKED)).as(result.toString()).isZero();
      assertThat(result.value(Metric.ADMITTED)).as(result.toString()).isPositive();
      assertThat(result.value(Metric.OTHERS_REFUSED)).as(result.toString()).isNotNegative();
      assertThat(result.value(Metric.FAIRNESS)).as(result.toString()).isBetween(1L, 1000L);
    }
    assertThat(results).anyMatch(result -> result.value(Metric.REFUSED) > 0);

    // The same again, in one thread, half of it known already.
    Map<Integer, Result> done = new HashMap<>();
    results.stream().limit(7).forEach(result -> done.put(result.run().number(), result));
    List<Result> told = new ArrayList<>();
    assertThat(Laboratory.carryOut(experiment, done, 1, told::add)).isEqualTo(results);
    assertThat(told).isEqualTo(results.subList(7, results.size()));
  }

  @Test
  void whatRootOutsideHasOfPerfsGiftRootInAContainerHasNot() throws InterruptedException {
    Map<Parameter, List<Long>> values = new EnumMap<>(Parameter.class);
    values.put(Parameter.UID, List.of(1L));
    values.put(Parameter.NAMESPACE, List.of(0L, 1L));
    values.put(Parameter.HOST_PERF, List.of(1032 * KIB));
    values.put(Parameter.MEMLOCK, List.of(64 * KIB));
    values.put(Parameter.BUFFER, List.of(512 * KIB));
    List<Result> results =
        Laboratory.carryOut(
            new Experiment("test", "", List.of("perf"), values, 1), Map.of(), 2, result -> {});
    assertThat(results).extracting(result -> result.value(Metric.REFUSED)).containsExactly(1L, 0L);
  }

  @Test
  void whatCannotBeIsRefused() {
    assertThatThrownBy(() -> experiment(ALL, Parameter.USERS, 0))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("'users' cannot be 0");
    assertThatThrownBy(() -> experiment(List.of()))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("0 policies");
    assertThatThrownBy(() -> new Experiment("test", "", ALL, Map.of(), 1_000_000))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("more than 100000 runs");
  }
}
