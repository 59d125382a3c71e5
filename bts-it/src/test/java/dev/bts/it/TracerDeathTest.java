package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.BranchTracers;
import dev.bts.api.LiveBuffer;
import dev.bts.api.Mechanism;
import dev.bts.api.testing.Seeds;
import dev.bts.kernel.memory.UserMemory;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.testing.TraceePrograms;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * When the tracer is killed, whatever it is doing, the program runs on to its own end, or dies at
 * once if so asked; and nobody is charged for it any more after that.
 */
class TracerDeathTest {
  private static final int FEW_MOMENTS = 4;
  private static final int MANY_MOMENTS = 200;

  /** The tracer's steps are of this order: a kill falls anywhere into one, or into the next. */
  private static final int LONGEST_WAIT_NANOS = 4_000_000;

  /** The bits of a segment's key that all keys of bts share. */
  private static final int KEY_PREFIX_MASK = ~0xff;

  private static final RestlessTracer.Step[] STEPS = RestlessTracer.Step.values();

  @TempDir Path directory;

  private final Map<RestlessTracer.Step, Integer> moments =
      new EnumMap<>(RestlessTracer.Step.class);
  private int notStarted;
  private int orphans;

  private Mechanism mechanism = Mechanism.SINGLE_STEP;

  @ParameterizedTest
  @CsvSource({
    "SINGLE_STEP, tracee",
    "SINGLE_STEP, tracer",
    "SINGLE_STEP, user",
    "SOFTWARE_BTS, tracee",
    "SOFTWARE_BTS, tracer",
    "SOFTWARE_BTS, user",
    "SOFTWARE_BTS, cgroup"
  })
  void theProgramRunsOnToItsEnd(Mechanism by, String policy) {
    mechanism = by;
    killAt(FEW_MOMENTS, policy);
  }

  @ParameterizedTest
  @CsvSource({
    "SINGLE_STEP, tracee",
    "SINGLE_STEP, tracer",
    "SINGLE_STEP, user",
    "SOFTWARE_BTS, tracee",
    "SOFTWARE_BTS, tracer",
    "SOFTWARE_BTS, user"
  })
  @Tag("slow")
  void theProgramRunsOnToItsEndAtManyMoments(Mechanism by, String policy) {
    mechanism = by;
    killAt(MANY_MOMENTS, policy);
    System.out.printf(
        "%s, policy %s: killed in %s; %d programs had not been started, %d buffers were reclaimed%n",
        mechanism, policy, moments, notStarted, orphans);
  }

  @ParameterizedTest
  @EnumSource(names = {"SINGLE_STEP", "SOFTWARE_BTS"})
  void theProgramDiesAtOnceIfSoAsked(Mechanism by) throws IOException, InterruptedException {
    List<String> record = List.of("record", "--mechanism", by.label(), "--kill-on-exit", "--");
    try (SpinningProgram spin =
        SpinningProgram.start(BtsCommand.line(record), 2, directory.resolve("errors"))) {
      spin.starter().destroyForcibly().waitFor();
      SpinningProgram.await("the end of the program", () -> !spin.isAlive());
    }
  }

  private void killAt(int count, String policy) {
    Seeds.forEach(
        TracerDeathTest.class,
        "bts-it",
        count,
        seed -> {
          Random random = Seeds.random(seed * policy.hashCode());
          Set<String> segmentsBefore = segments();
          RestlessTracer.Step step = STEPS[random.nextInt(STEPS.length)];
          moments.merge(step, 1, Integer::sum);
          try {
            if (step == RestlessTracer.Step.LAUNCH || random.nextInt(4) == 0) {
              killWhenLaunched(policy, step, random);
            } else {
              killWhenAttached(policy, step, random);
            }
            assertThat(segments()).as("segments of bts").isSubsetOf(segmentsBefore);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
          }
        });
  }

  private void killWhenAttached(String policy, RestlessTracer.Step step, Random random)
      throws IOException, InterruptedException {
    try (SpinningProgram spin =
        SpinningProgram.start(List.of(), 2, directory.resolve("spin-errors"))) {
      traceAndKill(step, random, policy, String.valueOf(spin.pid()));
      assertThat(spin.isAlive()).as("the program goes on, after %s", step).isTrue();
      spin.expectToCompute();
      assertThat(ProcessState.of(spin.pid()).isTraced()).isFalse();
      reclaim((int) spin.pid());
      spin.expectToCompute();
      spin.terminate();
      assertThat(spin.awaitStatus()).isZero();
    }
  }

  /** Whatever the tracer has left is known to be an orphan, and can be taken away. */
  private void reclaim(int pid) throws IOException {
    List<LiveBuffer> left =
        BranchTracers.named("kernel").inventory().list().buffers().stream()
            .filter(buffer -> buffer.mappedBy().contains(pid))
            .toList();
    assertThat(left).allMatch(buffer -> buffer.owner() == LiveBuffer.Owner.DEAD);
    orphans += left.size();
    // By another process: a thread of this one waits for the program, its child.
    CommandRun reclaim =
        CommandRun.of(
            BtsCommand.line(List.of("reclaim", "--pid", String.valueOf(pid))),
            Map.of("PATH", "/usr/bin:/bin"),
            Files.createTempDirectory(directory, "reclaim"));
    assertThat(reclaim.status()).as(reclaim.errors()).isZero();
    assertThat(reclaim.output().lines().filter(line -> line.startsWith("freed the ")))
        .hasSameSizeAs(left);
    ProcessState after = ProcessState.of(pid);
    assertThat(after.toString()).doesNotContain("bts:").contains("VmLck:\t       0 kB");
    assertThat(after.isTraced()).isFalse();
    assertThat(after.descriptors()).allMatch(descriptor -> descriptor.matches(".*/[0-2]"));
  }

  private void killWhenLaunched(String policy, RestlessTracer.Step step, Random random)
      throws IOException, InterruptedException {
    // At an address of its own: the program is to be found, although nobody says its pid.
    Path program = directory.resolve("threads");
    Files.copy(
        TraceePrograms.compile("threads"),
        program,
        StandardCopyOption.REPLACE_EXISTING,
        StandardCopyOption.COPY_ATTRIBUTES);
    Path output = directory.resolve("output");
    traceAndKill(
        step == RestlessTracer.Step.ATTACH ? RestlessTracer.Step.LAUNCH : step,
        random,
        policy,
        "/bin/sh",
        "-c",
        "exec " + program + " > " + output);
    SpinningProgram.await("the end of the program", () -> processesOf(program) == 0);
    String written = Files.exists(output) ? Files.readString(output) : "";
    if (written.isEmpty()) {
      notStarted++;
    } else {
      assertThat(written).contains("total 30").endsWith("EXIT-SUCCESS\n");
    }
    Files.deleteIfExists(output);
  }

  /** Starts a restless tracer and kills it in one of the first times that it does this step. */
  private void traceAndKill(
      RestlessTracer.Step step, Random random, String policy, String... target)
      throws IOException, InterruptedException {
    List<String> command = BtsCommand.java(BtsCommand.CLASS_PATH, "dev.bts.it.RestlessTracer");
    command.add(mechanism.label());
    command.add(policy);
    command.addAll(List.of(target));
    Path errors = directory.resolve("errors");
    Process tracer = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    int times = 1 + random.nextInt(3);
    try (BufferedReader steps = tracer.inputReader()) {
      String line = "";
      while (line != null && times > 0) {
        line = steps.readLine();
        times -= step.line().equals(line) ? 1 : 0;
      }
      // Not for synchronisation: the tracer is to die at a different moment each time.
      LockSupport.parkNanos(random.nextInt(LONGEST_WAIT_NANOS));
      tracer.destroyForcibly().waitFor();
    }
    assertThat(Files.readString(errors)).as("errors of the tracer").isEmpty();
  }

  private static long processesOf(Path program) {
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().command().equals(Optional.of(program.toString())))
        .count();
  }

  /** Returns the ids of the System V segments with a key of bts in this IPC namespace. */
  private static Set<String> segments() {
    Set<String> found = new TreeSet<>();
    for (String line : ProcFile.lines("/proc/sysvipc/shm")) {
      String[] columns = line.strip().split("\\s+", 3);
      if (columns[0].matches("-?\\d+")
          && (Integer.parseInt(columns[0]) & KEY_PREFIX_MASK) == UserMemory.KEY_PREFIX) {
        found.add(columns[1]);
      }
    }
    return found;
  }
}
