package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bts.sim.junit.CheckPolicy;
import dev.bts.sim.lab.Exploration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The policies of this project are checked: by the annotation, and by the command. */
class CheckTest {
  private static final String CLASSES = Path.of("target", "classes").toString();

  /** What the command printed, and its status. */
  private record Run(int status, String output) {}

  /** Runs bts without this project on its class path: the command finds it by --classpath. */
  private static Run check(String... arguments) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.add("-cp");
    line.add(
        List.of(System.getProperty("java.class.path").split(":")).stream()
            .filter(entry -> entry.endsWith(".jar"))
            .reduce((one, other) -> one + ":" + other)
            .orElseThrow());
    line.addAll(List.of("dev.bts.cli.Bts", "lab", "check", "--classpath", CLASSES));
    line.addAll(List.of(arguments));
    Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), output);
  }

  @CheckPolicy(policy = HalfPays.class, tasks = 3, users = 2, pages = 1)
  void holdsWhateverHappens(Exploration found) {
    assertEquals(Exploration.Verdict.HOLDS, found.verdict());
    assertTrue(found.states() > 1000, found.sentence());
  }

  @Test
  void holdsByTheCommand() throws IOException, InterruptedException {
    Run byClass = check("--policy", "example.HalfPays", "--users", "1", "--pages", "1");
    assertEquals(0, byClass.status(), byClass.output());
    assertTrue(byClass.output().contains("policy example.HalfPays: holds in all "));
    Run byName = check("--policy", "half", "--users", "1", "--pages", "1");
    assertEquals(0, byName.status(), byName.output());
  }

  @Test
  void aMistakeIsFoundByTheCommand() throws IOException, InterruptedException {
    Run all = check("--policy", "example.LimitlessPays");
    assertEquals(1, all.status(), all.output());
    assertTrue(all.output().contains("3. at admission, charges are within the limit"), all.output());
    Run random = check("--policy", "example.LimitlessPays", "--random", "1000");
    assertEquals(1, random.status(), random.output());
  }
}
