package dev.bts.sim.operations;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.accounting.operations.MachineFacts;
import dev.bts.accounting.operations.MachineFacts.UserFacts;
import dev.bts.accounting.operations.MachineModel;
import dev.bts.accounting.operations.Operation;
import dev.bts.accounting.operations.SequenceGenerator;
import dev.bts.sim.kernel.KernelVersion;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;

/** The operations on the model, and the mistakes of Linux that it makes under a version's name. */
class ModelExecutorTest {
  private static final MachineFacts FACTS =
      new MachineFacts(
          "6.18.44",
          258,
          2,
          2048,
          64,
          50,
          42,
          2,
          true,
          List.of(new UserFacts(1000, 0, 0), new UserFacts(1001, 0, 0)));

  private final List<String> results = new ArrayList<>();

  private SortedMap<String, Long> run(KernelVersion version, String sequence) {
    results.clear();
    try (MachineModel.Executor model = new SimMachineModel(version).start(FACTS)) {
      for (Operation operation : Operation.parseSequence(sequence)) {
        assertThat(model.applicable(operation)).as(operation.toString()).isTrue();
        results.add(model.execute(operation));
      }
      return model.counters(Collections.emptySortedMap());
    }
  }

  private String lastResult() {
    return results.get(results.size() - 1);
  }

  @Test
  void aSequenceGoesTheSameWayEveryTime() {
    for (long seed = 1; seed <= 300; seed++) {
      assertThat(journal(seed)).isEqualTo(journal(seed));
    }
  }

  private static List<String> journal(long seed) {
    List<String> journal = new ArrayList<>();
    try (MachineModel.Executor model = new SimMachineModel().start(FACTS)) {
      for (Operation operation : SequenceGenerator.generate(seed, 30)) {
        if (model.applicable(operation)) {
          String result = model.execute(operation);
          journal.add(operation + " " + result + model.counters(Collections.emptySortedMap()));
        }
      }
    }
    return journal;
  }

  @Test
  void aRepairedKernelHasNothingChargedWhenAllHasEnded() {
    for (long seed = 1; seed <= 500; seed++) {
      try (MachineModel.Executor model = new SimMachineModel(KernelVersion.REPAIRED).start(FACTS)) {
        List<Operation> sequence = new ArrayList<>(SequenceGenerator.generate(seed, 60));
        for (int process = 0; process <= 5; process++) {
          sequence.add(Operation.parse("exit p" + process));
          sequence.add(Operation.parse("reap p" + process));
        }
        sequence.addAll(
            Operation.parseSequence(
                "start p0 u0 u0; start p1 u1 u1; shm-rmid p0 s0; shm-rmid p1 s0; shm-rmid p0 s1;"
                    + " shm-rmid p1 s1; shm-rmid p0 s2; shm-rmid p1 s2; exit p0; exit p1"));
        for (Operation operation : sequence) {
          if (model.applicable(operation)) {
            model.execute(operation);
          }
        }
        assertThat(model.counters(Collections.emptySortedMap()))
            .as("seed " + seed)
            .isEqualTo(Map.of("u0.SHM_LOCK", 0L, "u0.perf", 0L, "u1.SHM_LOCK", 0L, "u1.perf", 0L));
      }
    }
  }

  @Test
  void row21PerfRingsInTheGiftCountAgainstRingsOfIoUring() {
    String sequence = "start p0 u0 u0; perf-open p0 f0 0; perf-mmap p0 f0 a0 65; uring-setup p0 f1";
    run(KernelVersion.LINUX_6_18, sequence);
    assertThat(lastResult()).isEqualTo("ENOMEM");
    run(KernelVersion.REPAIRED, sequence);
    assertThat(lastResult()).isEqualTo("ok");
  }

  @Test
  void row22TheExcessOfARingIsRefundedToWhoClosesIt() {
    String sequence =
        "start p0 u0 u0; prlimit p0 p0 128; perf-open p0 f0 0; perf-open p0 f1 0;"
            + " perf-mmap p0 f1 a1 257; perf-mmap p0 f0 a0 65; fork p0 p1;"
            + " perf-mmap p1 f0 a0 65; munmap p0 a0 0 65; munmap p1 a0 0 65";
    assertThat(run(KernelVersion.LINUX_6_12, sequence))
        .containsEntry("p0.VmPin", 64L)
        .containsEntry("p1.VmPin", -64L);
    assertThat(run(KernelVersion.REPAIRED, sequence))
        .containsEntry("p0.VmPin", 0L)
        .containsEntry("p1.VmPin", 0L);
    run(KernelVersion.LINUX_6_12, sequence + "; perf-mmap p1 f0 a0 17");
    assertThat(lastResult()).as("a counter below zero is a huge one").isEqualTo("EPERM");
  }

  @Test
  void aSecondMappingOfARingIsNeverRefundedSince617() {
    String sequence =
        "start p0 u0 u0; perf-open p0 f0 0; perf-mmap p0 f0 a0 9; perf-mmap p0 f0 a1 9;"
            + " exit p0; reap p0";
    assertThat(run(KernelVersion.LINUX_6_18, sequence)).containsEntry("u0.perf", 9L);
    assertThat(run(KernelVersion.LINUX_6_12, sequence)).containsEntry("u0.perf", 0L);
    assertThat(run(KernelVersion.REPAIRED, sequence)).containsEntry("u0.perf", 0L);
  }

  @Test
  void row41UserNamespacesLockBeyondTheLimitOfTheirMaker() {
    String sequence =
        "start p0 u0 u0; fork p0 p1; unshare-user p1; fork p0 p2; unshare-user p2;"
            + " shmget p1 s0 64; shm-lock p1 s0; shmget p2 s1 64; shm-lock p2 s1";
    assertThat(run(KernelVersion.LINUX_6_18, sequence)).containsEntry("u0.SHM_LOCK", 128L);
    run(KernelVersion.LINUX_6_18, sequence + "; shmget p0 s2 1; shm-lock p0 s2");
    assertThat(lastResult()).as("the maker pays for what others lock").isEqualTo("ENOMEM");
    assertThat(run(KernelVersion.REPAIRED, sequence)).containsEntry("u0.SHM_LOCK", 64L);
    assertThat(lastResult()).isEqualTo("ENOMEM");
  }

  @Test
  void whoeverLockedASegmentIsRefunded() {
    SortedMap<String, Long> locked =
        run(
            KernelVersion.LINUX_6_18,
            "start p0 u0 u1; shmget p0 s0 8; setresuid p0 u1 u2 u2; shm-lock p0 s0");
    assertThat(locked).containsEntry("u1.SHM_LOCK", 8L).containsEntry("u0.SHM_LOCK", 0L);
    SortedMap<String, Long> removed =
        run(
            KernelVersion.LINUX_6_18,
            "start p0 u0 u1; shmget p0 s0 8; setresuid p0 u1 u2 u2; shm-lock p0 s0;"
                + " setresuid p0 u0 u2 u2; shm-rmid p0 s0");
    assertThat(removed).containsEntry("u1.SHM_LOCK", 0L).containsEntry("u0.SHM_LOCK", 0L);
  }
}
