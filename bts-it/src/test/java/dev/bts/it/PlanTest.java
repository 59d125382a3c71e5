package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bts.kernel.ordinary.ReadableCopy;
import dev.bts.kernel.testing.Requirements;
import dev.bts.kernel.testing.TraceePrograms;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code bts plan} says is what {@code bts record} then does. */
class PlanTest {
  private static final int PAGE_KIB = 4;
  private static final int OWN_ERROR = 125;
  private static final int PROGRAM_STATUS = 3;

  /** A user id that nobody has, so that nobody else's locked memory is on its account. */
  private static final long UID = 2_100_000_000L + ProcessHandle.current().pid();

  /** Translated code is charged as well; see {@link ChargingTest}. */
  private static final List<String> BUFFER_ONLY = List.of("--mechanism", "single-step");

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
  @CsvSource({
    "tracee, 65536", "tracer, 65536", "user, 65536",
    "tracee, 8388608", "tracer, 8388608", "user, 8388608"
  })
  void theLargestIsGrantedAndAPageMoreIsRefusedInTheSameWords(String policy, int limit)
      throws IOException {
    CommandRun plan = plan(limit, policy, "4K", "--json");
    assertThat(plan.status()).as(plan.errors()).isZero();
    long largest = largest(plan.output(), policy);
    assertThat(largest).isEqualTo(limit / 4096);

    CommandRun granted = record(limit, policy, largest * PAGE_KIB + "K", BUFFER_ONLY);
    assertThat(granted.status()).as(granted.errors()).isEqualTo(PROGRAM_STATUS);
    assertThat(granted.errors()).contains(largest + " pages charged to " + policy);

    String tooLarge = (largest + 1) * PAGE_KIB + "K";
    CommandRun refused = record(limit, policy, tooLarge, BUFFER_ONLY);
    assertThat(refused.status()).as(refused.errors()).isEqualTo(OWN_ERROR);
    CommandRun planned = plan(limit, policy, tooLarge);
    assertThat(planned.status()).as(planned.output()).isEqualTo(1);
    String numbers =
        " is " + largest * PAGE_KIB + " KiB, 0 in use, " + (largest + 1) * PAGE_KIB + " asked";
    assertThat(refused.errors()).contains("RLIMIT_MEMLOCK of ", numbers);
    assertThat(planned.output()).contains("RLIMIT_MEMLOCK of ", numbers);
  }

  @Test
  void autoIsWhatRecordTakes() throws IOException {
    CommandRun plan = bts(65536, "plan", "--charge", "tracer");
    assertThat(plan.output()).containsPattern("\\ntracer \\* +fits +1 +64K +64K +the tracer\\n");
    assertThat(record(65536, "tracer", "auto", List.of()).errors())
        .contains("16 pages charged to tracer");
  }

  @Test
  void aPlanForRootNamesTheCapabilityUnlessItIsStrict() throws IOException {
    assumeTrue(Users.testsRunAsRoot(), "only root has the capability that lifts the limit");
    List<String> line = new ArrayList<>(List.of("prlimit", "--memlock=65536:65536"));
    line.addAll(BtsCommand.line(List.of("plan", "--buffer", "1M", "--charge", "tracer")));
    CommandRun lifted = run(line);
    assertThat(lifted.status()).as(lifted.output()).isZero();
    assertThat(lifted.output()).contains("beyond the limit, which CAP_IPC_LOCK lifts");
    line.add("--strict");
    CommandRun strict = run(line);
    assertThat(strict.status()).as(strict.output()).isEqualTo(1);
    assertThat(strict.output())
        .contains("is 64 KiB, 0 in use, 1024 asked", "--buffer 64K is the largest that fits");
  }

  @Test
  void wrongQuestionsAreStatusTwo() throws IOException {
    for (String[] question :
        new String[][] {
          {"--user", "no-such-user-here"}, {"--pid", "4194304"}, {"--pid", "1", "--user", "root"}
        }) {
      List<String> arguments = new ArrayList<>(List.of("plan"));
      arguments.addAll(List.of(question));
      CommandRun run = run(BtsCommand.line(arguments));
      assertThat(run.status()).as(run.errors()).isEqualTo(2);
      assertThat(run.errors())
          .containsPattern("^bts: (plan for|identify process) ")
          .doesNotContain("mistake in bts");
    }
  }

  private static long largest(String json, String policy) {
    Matcher found =
        Pattern.compile(
                "\"policy\" : \"" + policy + "\".*?\"largest_pages\" : (\\d+)", Pattern.DOTALL)
            .matcher(json);
    assertThat(found.find()).as(json).isTrue();
    return Long.parseLong(found.group(1));
  }

  private CommandRun plan(int limit, String policy, String buffer, String... options)
      throws IOException {
    List<String> arguments = new ArrayList<>(List.of("plan", "--charge", policy));
    arguments.addAll(List.of("--buffer", buffer));
    arguments.addAll(BUFFER_ONLY);
    arguments.addAll(List.of(options));
    return bts(limit, arguments.toArray(new String[0]));
  }

  private CommandRun record(int limit, String policy, String buffer, List<String> options)
      throws IOException {
    List<String> arguments = new ArrayList<>(List.of("record", "--charge", policy));
    arguments.addAll(List.of("--buffer", buffer));
    arguments.addAll(options);
    arguments.addAll(List.of("--", program.toString()));
    return bts(limit, arguments.toArray(new String[0]));
  }

  /** Runs bts as an ordinary user under a limit. */
  private CommandRun bts(int limit, String... arguments) throws IOException {
    List<String> line = new ArrayList<>(List.of("prlimit", "--memlock=" + limit + ":" + limit));
    if (Users.testsRunAsRoot()) {
      line.addAll(List.of("setpriv", "--reuid=" + UID, "--regid=" + UID, "--clear-groups"));
    }
    line.addAll(
        BtsCommand.lineForAnybody(directory.resolve("classes-" + runs++), List.of(arguments)));
    return run(line);
  }

  private CommandRun run(List<String> line) throws IOException {
    return CommandRun.of(line, Map.of("PATH", "/usr/bin:/bin:/usr/sbin:/sbin"), directory);
  }
}
