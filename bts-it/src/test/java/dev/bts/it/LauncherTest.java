package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.kernel.testing.Requirements;
import dev.bts.kernel.testing.TraceePrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./bts} starts from anywhere and passes everything through. */
class LauncherTest {
  private static final String LAUNCHER = Repository.root().resolve("bts").toString();

  @TempDir Path directory;

  @BeforeEach
  void mavenIsThere() {
    Requirements.tool("mvn", "install Maven");
  }

  @Test
  void saysItsVersionAndNothingElse() throws IOException {
    CommandRun run = run(LAUNCHER, "--version");
    assertThat(run.status()).as(run.errors()).isZero();
    assertThat(run.output()).startsWith("bts 0.").hasLineCount(1);
    assertThat(run.errors()).isEmpty();
  }

  @Test
  void worksThroughASymbolicLinkFromAnotherDirectory() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("link to bts"), Path.of(LAUNCHER));
    CommandRun run = run(link.toString(), "--version");
    Files.delete(link);
    assertThat(run.status()).as(run.errors()).isZero();
    assertThat(run.output()).startsWith("bts 0.");
  }

  @Test
  void passesArgumentsEnvironmentAndStatusThrough() throws IOException {
    String[] program = {
      TraceePrograms.compile("surroundings").toString(), "", "a b", "*", "$HOME", "new\nline", "@x"
    };
    // What Java starts has SIGQUIT blocked, and bts takes that for its own doing.
    String start = TraceePrograms.compile("plain_start").toString();
    List<String> plain = new ArrayList<>(List.of(start));
    plain.addAll(List.of(program));
    CommandRun expected = run(plain.toArray(String[]::new));
    List<String> traced = new ArrayList<>(List.of(start));
    traced.addAll(List.of(LAUNCHER, "record", "--mechanism", "none", "-o", "trace.bts", "--"));
    traced.addAll(List.of(program));
    CommandRun run = run(traced.toArray(String[]::new));
    assertThat(run.output()).as(run.errors()).isEqualTo(expected.output());
    assertThat(run.status()).isEqualTo(expected.status());
  }

  @Test
  void namesAJavaHomeWithoutJava() throws IOException {
    Map<String, String> environment = environment();
    environment.put("JAVA_HOME", directory.toString());
    CommandRun run = CommandRun.of(List.of(LAUNCHER, "--version"), environment, directory);
    assertThat(run.status()).isEqualTo(125);
    assertThat(run.output()).isEmpty();
    assertThat(run.errors()).startsWith("bts: JAVA_HOME is " + directory).hasLineCount(1);
  }

  private CommandRun run(String... command) throws IOException {
    return CommandRun.of(List.of(command), environment(), directory);
  }

  private static Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    environment.put("PATH", System.getenv("PATH"));
    environment.put("HOME", System.getProperty("user.home"));
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    // A build that the launcher starts uses the local repository of the build that runs this test.
    String repository = System.getProperty("localRepository");
    if (repository != null) {
      environment.put("MAVEN_OPTS", "-Dmaven.repo.local=" + repository);
    }
    return environment;
  }
}
