package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bts.kernel.ordinary.ReadableCopy;
import dev.bts.kernel.testing.MemoryGroup;
import dev.bts.kernel.testing.Requirements;
import dev.bts.kernel.testing.TraceePrograms;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who pays, through the command: under RLIMIT_MEMLOCK of 8 MiB the last page is granted and one
 * more is refused, to an ordinary user and, with --strict, to root. (That the kernel's own counters
 * move by just the pages of the receipt is tested beside {@code ChargedMemory}.)
 */
class ChargingTest {
  private static final int LIMIT_BYTES = 8 << 20;
  private static final int LIMIT_PAGES = LIMIT_BYTES / 4096;
  private static final long GROUP_BYTES = 256L << 20;
  private static final List<String> BUFFER_ONLY = List.of("--mechanism", "single-step");
  private static final int OWN_ERROR = 125;
  private static final int PROGRAM_STATUS = 3;

  @TempDir Path directory;

  private Path program;
  private int runs;

  @BeforeEach
  void toolsAreThere() throws IOException {
    Requirements.tool("prlimit", "install util-linux");
    Requirements.tool("setpriv", "install util-linux");
    Users.letEverybodyIn(directory);
    program = directory.resolve("asm_short");
    ReadableCopy.copy(TraceePrograms.compile("asm_short"), program);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracer", "tracee", "user"})
  void anOrdinaryUserGetsTheLastPageAndNotOneMore(String policy) throws IOException {
    CommandRun fits = record(Users.ordinary(), policy, "8M");
    assertThat(fits.status()).as(fits.errors()).isEqualTo(PROGRAM_STATUS);
    assertThat(fits.errors()).contains(LIMIT_PAGES + " pages charged to " + policy, "refunded");
    CommandRun tooMuch = record(Users.ordinary(), policy, "8196K");
    assertRefused(tooMuch, policy);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracer", "tracee", "user"})
  void rootIsRefusedTooIfItIsStrict(String policy) throws IOException {
    assumeTrue(Users.testsRunAsRoot(), "only root has the capability that lifts the limit");
    CommandRun fits = record(List.of(), policy, "8M", "--strict");
    assertThat(fits.status()).as(fits.errors()).isEqualTo(PROGRAM_STATUS);
    assertRefused(record(List.of(), policy, "8196K", "--strict"), policy);
    CommandRun lifted = record(List.of(), policy, "8196K");
    assertThat(lifted.status()).as(lifted.errors()).isEqualTo(PROGRAM_STATUS);
    assertThat(lifted.errors()).contains((LIMIT_PAGES + 1) + " pages charged to " + policy);
  }

  /** Of 2,048 pages the code of this program takes 305, once it is translated. */
  @ParameterizedTest
  @ValueSource(strings = {"tracer", "tracee", "user"})
  void translatedCodeGetsTheLastPageAndIsDoneWithoutIfThatIsTaken(String policy)
      throws IOException {
    String[] translated = {"--mechanism", "software-bts"};
    CommandRun fits = record(Users.ordinary(), policy, "6972K", translated);
    assertThat(fits.status()).as(fits.errors()).isEqualTo(PROGRAM_STATUS);
    assertThat(fits.errors())
        .contains("1743 pages and 305 pages of translated code charged to " + policy, "refunded")
        .doesNotContain("single-stepped");
    CommandRun tooMuch = record(Users.ordinary(), policy, "6976K", translated);
    assertThat(tooMuch.status()).as(tooMuch.errors()).isEqualTo(PROGRAM_STATUS);
    assertThat(tooMuch.errors())
        .contains("is single-stepped from here: charge 64K by policy '" + policy)
        .contains("RLIMIT_MEMLOCK", "is 8192 KiB", "lower --buffer or raise 'ulimit -l'")
        .contains("complete: ", "1744 pages", "refunded");
  }

  @ParameterizedTest
  @CsvSource({"tracer", "tracee", "user"})
  void autoTakesWhatFits(String policy) throws IOException {
    CommandRun run = record(asOrdinaryUser(65536), policy, "auto");
    assertThat(run.status()).as(run.errors()).isEqualTo(PROGRAM_STATUS);
    assertThat(run.errors()).contains("16 pages charged to " + policy);
  }

  @Test
  void theTracersGroupPays() throws IOException {
    MemoryGroup.own();
    for (List<String> user : List.of(List.<String>of(), Users.ordinary())) {
      CommandRun run = record(user, "cgroup", "64K");
      assertThat(run.status()).as(run.errors()).isEqualTo(PROGRAM_STATUS);
      assertThat(run.errors()).contains("16 pages charged to cgroup", "refunded");
    }
  }

  @Test
  void aGroupsLimitHoldsForEverybody() throws IOException {
    assumeTrue(Users.testsRunAsRoot(), "only root may make control groups");
    for (List<String> user : List.of(List.<String>of(), Users.ordinary())) {
      try (MemoryGroup group = MemoryGroup.make("bts-charging").limit(GROUP_BYTES)) {
        List<String> inGroup = new ArrayList<>(group.starter());
        inGroup.addAll(user);
        CommandRun fits = record(inGroup, "cgroup", "8M");
        assertThat(fits.status()).as(fits.errors()).isEqualTo(PROGRAM_STATUS);
        assertThat(fits.errors()).contains(LIMIT_PAGES + " pages charged to cgroup", "refunded");
        CommandRun tooMuch = record(inGroup, "cgroup", "512M");
        assertThat(tooMuch.status()).as(tooMuch.errors()).isEqualTo(OWN_ERROR);
        assertThat(tooMuch.output()).isEmpty();
        assertThat(tooMuch.errors())
            .contains(
                "policy 'cgroup'", "memory limit of cgroup", "/" + group.name() + " is 262144")
            .contains("524288 asked", "lower --buffer to", "or raise the memory limit");
      }
    }
  }

  @Test
  void whatOnlyPerfsBuffersAreChargedToIsRefusedBeforeTheProgramIsStarted() throws IOException {
    CommandRun run = record(List.of(), "perf", "64K");
    assertThat(run.status()).as(run.errors()).isEqualTo(OWN_ERROR);
    assertThat(run.errors())
        .contains("trace by single-step and charge by policy 'perf'", "choose --charge tracer");
  }

  @Test
  void anotherUsersProcessIsNotChargedUnasked() throws IOException, InterruptedException {
    assumeTrue(Users.testsRunAsRoot(), "only root can trace another user's process");
    Path endless = directory.resolve("asm_endless");
    ReadableCopy.copy(TraceePrograms.compile("asm_endless"), endless);
    List<String> command = new ArrayList<>(Users.ordinary());
    command.add(endless.toString());
    Process other = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      SpinningProgram.await("another user's process", () -> Users.of(other.pid()) > 0);
      CommandRun run = bts("record", "--charge", "tracee", "-p", String.valueOf(other.pid()));
      assertThat(run.status()).as(run.errors()).isEqualTo(OWN_ERROR);
      assertThat(run.errors()).contains("nobody else's limit is charged unasked", "--charge-other");
      assertThat(ProcessState.of(other.pid()).isTraced()).isFalse();
    } finally {
      other.destroyForcibly().waitFor();
    }
  }

  private static void assertRefused(CommandRun run, String policy) {
    assertThat(run.status()).as(run.errors()).isEqualTo(OWN_ERROR);
    assertThat(run.output()).isEmpty();
    assertThat(run.errors())
        .contains("policy '" + policy + "'", "RLIMIT_MEMLOCK", "is 8192 KiB", "8196 asked")
        .contains("lower --buffer to 8M");
  }

  private static List<String> asOrdinaryUser(int limitBytes) {
    List<String> line = new ArrayList<>(Users.ordinary());
    line.addAll(List.of("prlimit", "--memlock=" + limitBytes + ":" + limitBytes));
    return line;
  }

  private CommandRun record(List<String> as, String policy, String buffer, String... options)
      throws IOException {
    List<String> arguments =
        new ArrayList<>(List.of("record", "--charge", policy, "--buffer", buffer));
    if (!List.of(options).contains("--mechanism")) {
      arguments.addAll(BUFFER_ONLY);
    }
    arguments.addAll(List.of(options));
    arguments.addAll(List.of("--", program.toString()));
    List<String> line =
        new ArrayList<>(List.of("prlimit", "--memlock=" + LIMIT_BYTES + ":" + LIMIT_BYTES));
    line.addAll(as);
    line.addAll(
        !as.contains("setpriv")
            ? BtsCommand.line(arguments)
            : BtsCommand.lineForAnybody(directory.resolve("classes-" + runs++), arguments));
    return CommandRun.of(line, Map.of("PATH", "/usr/bin:/bin:/usr/sbin:/sbin"), directory);
  }

  private CommandRun bts(String... arguments) throws IOException {
    return CommandRun.of(
        BtsCommand.line(List.of(arguments)), Map.of("PATH", "/usr/bin:/bin"), directory);
  }
}
