package dev.bts.sim.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.accounting.Policies;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.testing.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * The transitions that the explorer makes are those of the shipped ledger, and what it packs is
 * what it unpacks, over a million random steps.
 */
class PackedTransitionsTest {
  private static final int WALKS = 20;
  private static final int STEPS_OF_A_WALK = 50_000;
  private static final int MOST_TRIES = 3000;
  private static final Bounds BOUNDS = new Bounds(4, 2, 0, 2, 3, 3, 5, 7, 2, 3, 1);

  /** A ledger knows an address space by its process, and does not see that two have the same. */
  private static final Set<Event> EVENTS = EnumSet.complementOf(EnumSet.of(Event.CLONE_VM));

  /** What would leave little time for anything else if it were as frequent. */
  private static final Set<OperationKind> RARE =
      EnumSet.of(
          OperationKind.KILL,
          OperationKind.BEGIN_EXIT,
          OperationKind.EXEC,
          OperationKind.BEGIN_EXEC,
          OperationKind.CPU_OFFLINE,
          OperationKind.CPU_ONLINE,
          OperationKind.REMOVE_GROUP,
          OperationKind.MAKE_GROUP);

  /** What was met on the way, so that it is known that the comparison compares something. */
  private static final class Met {
    private final AtomicInteger steps = new AtomicInteger();
    private final AtomicInteger refusals = new AtomicInteger();
    private final AtomicInteger refunds = new AtomicInteger();
    private final AtomicInteger adoptions = new AtomicInteger();
  }

  private static void walk(ChargingPolicy policy, Bounds bounds, Random random, Met met) {
    Transitions transitions = new Transitions(PolicyRules.of(policy), bounds);
    int[] operations = transitions.operations();
    Codec plain = new Codec(transitions, false);
    Codec symmetric = new Codec(transitions, true);
    World world = transitions.initial();
    World unpacked = transitions.scratch();
    ShadowLedgers ledgers = new ShadowLedgers(policy, transitions);
    List<String> done = new ArrayList<>();
    int left = STEPS_OF_A_WALK;
    while (left > 0) {
      int operation = step(transitions, world, operations, random, ledgers);
      if (operation < 0) {
        count(ledgers, met);
        world = transitions.initial();
        ledgers = new ShadowLedgers(policy, transitions);
        done.clear();
        continue;
      }
      left--;
      done.add(Operation.text(operation));
      try {
        ledgers.after(operation, world);
        checkPacking(world, unpacked, plain, symmetric);
      } catch (AssertionError difference) {
        throw new AssertionError(
            policy.name() + " after\n" + String.join("\n", done) + "\n" + difference.getMessage(),
            difference);
      }
    }
    count(ledgers, met);
    met.steps.addAndGet(STEPS_OF_A_WALK);
  }

  private static void count(ShadowLedgers ledgers, Met met) {
    met.refusals.addAndGet(ledgers.refusals());
    met.refunds.addAndGet(ledgers.refunds());
    met.adoptions.addAndGet(ledgers.adoptions());
  }

  /** Makes some step that is possible; returns it, or -1 if none is found. */
  private static int step(
      Transitions transitions,
      World world,
      int[] operations,
      Random random,
      ShadowLedgers ledgers) {
    ledgers.before(world);
    for (int i = 0; i < MOST_TRIES; i++) {
      int operation = operations[random.nextInt(operations.length)];
      if (RARE.contains(Operation.kind(operation)) && random.nextInt(8) != 0) {
        continue;
      }
      int result = transitions.step(world, operation);
      if (result != 0 && result != Transitions.DISABLED) {
        throw new AssertionError(Operation.text(operation) + " breaks " + Invariant.of(result));
      }
      if (result == 0) {
        return operation;
      }
      ledgers.refused(operation);
    }
    return -1;
  }

  private static void checkPacking(World world, World unpacked, Codec plain, Codec symmetric) {
    long[] packed = new long[plain.words()];
    plain.encode(world, packed);
    plain.decode(packed, 0, unpacked);
    if (!Arrays.equals(unpacked.values, world.values)) {
      assertThat(unpacked.values).isEqualTo(world.values);
    }
    symmetric.encode(world, packed);
    symmetric.decode(packed, 0, unpacked);
    long[] again = new long[packed.length];
    symmetric.encode(unpacked, again);
    if (!Arrays.equals(packed, again)) {
      assertThat(again).as("an ordered world is in order").isEqualTo(packed);
    }
  }

  @Test
  void areThoseOfTheShippedLedgerOverAMillionSteps() {
    List<ChargingPolicy> policies = Policies.builtIn();
    Met met = new Met();
    Seeds.forEach(
        PackedTransitionsTest.class,
        "bts-sim-backend",
        WALKS,
        seed ->
            walk(
                policies.get((int) (seed % policies.size())),
                seed % 2 == 0 ? BOUNDS : BOUNDS.withEvents(EVENTS),
                Seeds.random(seed),
                met));
    if (Long.getLong("bts.seed") == null) {
      assertThat(met.steps.get()).isEqualTo(1_000_000);
      assertThat(met.refusals.get()).as("refusals").isGreaterThan(1000);
      assertThat(met.refunds.get()).as("refunds").isGreaterThan(1000);
      assertThat(met.adoptions.get()).as("adoptions").isGreaterThan(100);
    }
  }
}
