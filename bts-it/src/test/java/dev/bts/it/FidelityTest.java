package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bts.accounting.operations.Fidelity;
import dev.bts.accounting.operations.LiveMachine;
import dev.bts.accounting.operations.MachineModel;
import dev.bts.accounting.operations.Operation;
import dev.bts.accounting.operations.OperationExecutor;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.sim.kernel.KernelVersion;
import dev.bts.sim.operations.SimMachineModel;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The simulated kernel does what the running one does, mistakes included. */
class FidelityTest {
  private static final int OPERATIONS = 30;
  private static final long SEED = Long.getLong("bts.seed", 1);

  @TempDir Path directory;

  @Test
  void theModelAgreesInAHundredSequences() {
    compare(100);
  }

  @Test
  @Tag("slow")
  void theModelAgreesInTenThousandSequences() {
    compare(10_000);
  }

  private static void compare(long sequences) {
    try (LiveMachine.Stage stage = LiveMachine.installed().open()) {
      Fidelity fidelity = new Fidelity(MachineModel.installed(), stage);
      Fidelity.Report report = fidelity.random(SEED, sequences, OPERATIONS, (done, steps) -> true);
      assertThat(report.finding())
          .as(
              () ->
                  report
                      .finding()
                      .map(found -> found.difference() + "\n" + found.replay())
                      .orElse(""))
          .isEmpty();
      assumeTrue(
          report.disturbed().isEmpty(), () -> "not all could be compared: " + report.disturbed());
      assertThat(report.sequences()).isEqualTo(sequences);
      assertThat(report.steps()).isGreaterThan(sequences * OPERATIONS / 2);
      assertThat(report.refused()).isBetween(report.steps() / 10, report.steps() / 2);
    }
  }

  @Test
  @Tag("slow")
  void aModelWithoutTheKernelsMistakesIsCaughtAndTheSequenceMadeShort() {
    assumeTrue(Users.testsRunAsRoot(), "as root, where users can be had that nobody else is");
    MachineModel repaired = new SimMachineModel(KernelVersion.REPAIRED);
    try (LiveMachine.Stage stage = LiveMachine.installed().open()) {
      Fidelity.Report report =
          new Fidelity(repaired, stage).random(SEED, 2000, OPERATIONS, (done, steps) -> true);
      Fidelity.Finding finding = report.finding().orElseThrow();
      assertThat(finding.sequence()).hasSizeLessThan(12);
      Fidelity.Report again =
          new Fidelity(repaired, stage)
              .replay(finding.sequence(), (operation, result, counters) -> {});
      assertThat(again.finding().orElseThrow().difference()).isEqualTo(finding.difference());
      assertThat(finding.replay()).contains(Operation.print(finding.sequence()));
    }
  }

  /** Row 22: the one who pays and the one who is refunded, on this kernel. */
  @Test
  void theExcessOfAPerfRingIsRefundedToWhoClosesItLast() {
    List<Operation> sequence =
        Operation.parseSequence(
            "start p0 u0 u0; prlimit p0 p0 600; perf-open p0 f0 0; perf-open p0 f1 0;"
                + " perf-mmap p0 f1 a1 257; perf-mmap p0 f0 a0 65; fork p0 p1;"
                + " perf-mmap p1 f0 a0 65; munmap p0 a0 0 65; munmap p1 a0 0 65;"
                + " perf-mmap p1 f0 a0 17; exit p1; exit p0");
    assertAgrees(sequence);
  }

  /** Row 41: children in user namespaces of their own lock beyond their maker's limit. */
  @Test
  void userNamespacesLockBeyondTheLimitOfTheirMaker() {
    assertAgrees(
        Operation.parseSequence(
            "start p0 u0 u0; fork p0 p1; unshare-user p1; fork p0 p2; unshare-user p2;"
                + " shmget p1 s0 64; shm-lock p1 s0; shmget p2 s1 64; shm-lock p2 s1;"
                + " shmget p0 s2 1; shm-lock p0 s2; kill p0 p1; kill p0 p2"));
  }

  /** Row 21: perf's rings and io_uring's have one counter. */
  @Test
  void ringsOfPerfAndIoUringCountAgainstEachOther() {
    assertAgrees(
        Operation.parseSequence(
            "start p0 u0 u0; perf-open p0 f0 0; perf-mmap p0 f0 a0 65; uring-setup p0 f1;"
                + " munmap p0 a0 0 65; uring-setup p0 f1; perf-mmap p0 f0 a0 257; close p0 f1"));
  }

  private static void assertAgrees(List<Operation> sequence) {
    List<String> results = new ArrayList<>();
    try (LiveMachine.Stage stage = LiveMachine.installed().open()) {
      Fidelity.Report report =
          new Fidelity(MachineModel.installed(), stage)
              .replay(sequence, (operation, result, counters) -> results.add(operation + result));
      assertThat(report.finding()).isEmpty();
      assumeTrue(report.disturbed().isEmpty(), () -> "disturbed: " + report.disturbed());
      assertThat(results).hasSize(sequence.size());
    }
  }

  @Test
  void aSequenceLeavesNothingBehind() {
    Set<String> before = segments();
    try (LiveMachine.Stage stage = LiveMachine.installed().open()) {
      int pid;
      try (LiveMachine.Run run = stage.begin()) {
        for (Operation operation :
            Operation.parseSequence(
                "start p0 u0 u0; shmget p0 s0 4; shm-lock p0 s0; fork p0 p1; share p1 p2;"
                    + " thread p0 p3; exit p1")) {
          assertThat(run.execute(operation)).isEqualTo(OperationExecutor.OK);
        }
        pid = run.facts().user(0).uid();
        assertThat(processesOf(pid)).isNotEmpty();
        assertThat(run.counters(Collections.emptySortedMap())).containsEntry("u0.SHM_LOCK", 4L);
      }
      if (Users.testsRunAsRoot()) {
        assertThat(processesOf(pid)).isEmpty();
      }
    }
    assertThat(segments()).isEqualTo(before);
  }

  @Test
  void aKilledComparisonLeavesNothingBehind() throws IOException, InterruptedException {
    assumeTrue(Users.testsRunAsRoot(), "as root, whose sequences have users of their own");
    Process command =
        new ProcessBuilder(
                BtsCommand.line(
                    List.of(
                        "lab",
                        "fidelity",
                        "--replay",
                        "start p0 u0 u0; shmget p0 s0 1",
                        "--sequences",
                        "1")))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader output = command.inputReader()) {
      assertThat(output.readLine()).startsWith("start p0 u0 u0 = ok");
    } finally {
      command.destroyForcibly();
    }
    assertThat(command.waitFor(1, TimeUnit.MINUTES)).isTrue();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    int first = 2_020_000_000 + (int) (command.pid() % 1000) * 100_000;
    Set<Integer> left = processesOf(first, first + 100_000);
    while (!left.isEmpty() && System.nanoTime() < deadline) {
      left = processesOf(first, first + 100_000);
    }
    assertThat(left).isEmpty();
    assertThat(segments())
        .noneMatch(line -> line.matches(".*\\b" + first / 100_000 + "\\d{5}\\b.*"));
  }

  private static Set<Integer> processesOf(int uid) {
    return processesOf(uid, uid + 1);
  }

  private static Set<Integer> processesOf(int from, int to) {
    Set<Integer> found = new TreeSet<>();
    for (int pid : ProcFile.processes()) {
      int uid = Users.of(pid);
      if (uid >= from && uid < to) {
        found.add(pid);
      }
    }
    return found;
  }

  /** The segments there are: key, id and what follows, without what changes by use. */
  private static Set<String> segments() {
    Pattern id =
        Pattern.compile("\\s*-?\\d+\\s+(\\d+)\\s+\\d+\\s+\\d+\\s+\\d+\\s+\\d+\\s+\\d+\\s+(\\d+).*");
    Set<String> found = new TreeSet<>();
    for (String line : ProcFile.lines("/proc/sysvipc/shm")) {
      Matcher segment = id.matcher(line);
      if (segment.matches()) {
        found.add(segment.group(1) + " of " + segment.group(2));
      }
    }
    return found;
  }
}
