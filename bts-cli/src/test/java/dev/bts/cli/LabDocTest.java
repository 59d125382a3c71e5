package dev.bts.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/lab.md says to type does what it says. */
class LabDocTest {
  private static final Pattern COMMAND = Pattern.compile("(?m)^\\./bts (lab .*?) *# exits (\\d)$");
  private static final Pattern YAML = Pattern.compile("(?s)```yaml\n(.*?)```");

  private static String page() throws IOException {
    return Files.readString(Path.of("../docs/lab.md"));
  }

  @Test
  void everyCommandEndsWithItsStatus(@TempDir Path directory) throws IOException {
    List<String> commands = new ArrayList<>();
    Matcher matcher = COMMAND.matcher(page());
    while (matcher.find()) {
      String line =
          matcher
              .group(1)
              .replaceAll("([^ ]+\\.yaml)", directory + "/$1")
              .replaceAll("-o ([^ ]+)", "-o " + directory + "/$1");
      Run run = Run.bts(line.split(" "));
      assertThat(run.status())
          .as(line + "\n" + run.out() + run.err())
          .isEqualTo(Integer.parseInt(matcher.group(2)));
      commands.add(line);
    }
    assertThat(commands).hasSizeGreaterThan(6);
  }

  @Test
  void theScenarioAndTheExperimentCanBeCarriedOut(@TempDir Path directory) throws IOException {
    Matcher yaml = YAML.matcher(page());
    int count = 0;
    while (yaml.find()) {
      Path file = Files.writeString(directory.resolve("file.yaml"), yaml.group(1));
      Run run = Run.bts("lab", "run", file.toString());
      assertThat(run.status()).as(run.out() + run.err()).isZero();
      count++;
    }
    assertThat(count).isEqualTo(2);
  }
}
