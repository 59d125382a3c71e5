package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bts.accounting.operations.Fidelity;
import dev.bts.accounting.operations.LiveMachine;
import dev.bts.accounting.operations.MachineFacts;
import dev.bts.accounting.operations.MachineModel;
import dev.bts.accounting.operations.Operation;
import dev.bts.accounting.operations.Verb;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The policy {@code perf} says beforehand what the kernel answers when an ordinary user maps rings
 * of perf around the edge of its gift, and what it charges: mapped, unmapped, again and by others.
 */
class PerfPolicyTest {
  private static final long SEED = Long.getLong("bts.seed", 20261201);
  private static final int OPERATIONS = 30;
  private static final int PROCESSES = 3;
  private static final int DESCRIPTORS = 4;
  private static final int AREAS = 6;

  /** RLIMIT_MEMLOCK is less than this many pages. */
  private static final int LIMITS = 200;

  /** Pages of rings: a power of two and the page of management. */
  private static final int[] RINGS = {1, 2, 3, 5, 9, 17, 33, 65, 65, 129, 129, 129, 257};

  @Test
  void everyAnswerIsForeseenInFortySequences() {
    foresee(40);
  }

  @Test
  @Tag("slow")
  void everyAnswerIsForeseenInTwoThousandSequences() {
    foresee(2000);
  }

  private static void foresee(int sequences) {
    try (LiveMachine.Stage stage = LiveMachine.installed().open()) {
      Fidelity fidelity = new Fidelity(MachineModel.installed(), stage);
      MachineFacts facts = stage.facts();
      assumeTrue(facts.paranoid() >= 0, "perf_event_paranoid below 0 lifts the limit");
      PerfForecast.Tally tally = new PerfForecast.Tally();
      for (int i = 0; i < sequences; i++) {
        List<Operation> sequence = sequence(SEED + i);
        PerfForecast forecast = new PerfForecast(facts, tally);
        Fidelity.Report report = fidelity.replay(sequence, forecast);
        String replay =
            "-Dbts.seed="
                + (SEED + i)
                + ": bts lab fidelity --replay '"
                + Operation.print(sequence)
                + "'";
        assumeTrue(
            report.disturbed().isEmpty(), () -> "somebody else moved: " + report.disturbed());
        assertThat(report.finding()).as(replay).isEmpty();
        assertThat(forecast.errors()).as(replay).isEmpty();
      }
      System.out.println(tally);
      assertThat(tally.withinGift()).isGreaterThan(sequences);
      assertThat(tally.beyondGift()).isGreaterThan(sequences / 2);
      assertThat(tally.refused()).isGreaterThan(sequences / 4);
      assertThat(tally.shared()).isPositive();
    }
  }

  /** Three processes of one user, with limits near what they will ask for beyond the gift. */
  private static List<Operation> sequence(long seed) {
    Random random = new Random(seed);
    List<Operation> sequence = new ArrayList<>();
    sequence.add(Operation.of(Verb.START, 0, 0, 0));
    sequence.add(Operation.of(Verb.PRLIMIT, 0, 0, random.nextInt(LIMITS)));
    for (int descriptor = 0; descriptor < DESCRIPTORS; descriptor++) {
      sequence.add(Operation.of(Verb.PERF_OPEN, 0, descriptor, 0));
    }
    sequence.add(Operation.of(Verb.FORK, 0, 1));
    sequence.add(Operation.of(Verb.FORK, 1, 2));
    int[][] mapped = new int[PROCESSES][AREAS];
    while (sequence.size() < OPERATIONS) {
      int process = random.nextInt(PROCESSES);
      int descriptor = random.nextInt(DESCRIPTORS);
      int area = random.nextInt(AREAS);
      int pages = mapped[process][area];
      switch (random.nextInt(16)) {
        case 0 -> sequence.add(Operation.of(Verb.PERF_OPEN, process, descriptor, 0));
        case 1 ->
            sequence.add(Operation.of(Verb.DUP, process, descriptor, random.nextInt(DESCRIPTORS)));
        case 2 ->
            sequence.add(Operation.of(Verb.PRLIMIT, process, process, random.nextInt(LIMITS)));
        case 3 -> sequence.add(Operation.of(Verb.CLOSE, process, descriptor));
        default -> {
          if (pages > 0) {
            sequence.add(Operation.of(Verb.MUNMAP, process, area, 0, pages));
            mapped[process][area] = 0;
          } else {
            pages = RINGS[random.nextInt(RINGS.length)];
            sequence.add(Operation.of(Verb.PERF_MMAP, process, descriptor, area, pages));
            mapped[process][area] = pages;
          }
        }
      }
    }
    return sequence;
  }
}
