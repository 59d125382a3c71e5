package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.it.containers.BtsContainer;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page about containers shows a program that compiles, all options, and tests that exist. */
class ContainersDocTest {
  @TempDir Path directory;

  @Test
  void theExampleCompiles() throws IOException {
    List<Snippet> programs = Snippet.of("docs/containers.md");
    assertThat(programs).isNotEmpty();
    for (Snippet program : programs) {
      program.compile(directory);
    }
  }

  @Test
  void theOptionsAreThoseThatThereAre() throws IOException {
    Set<String> options = new TreeSet<>();
    for (Method method : BtsContainer.class.getDeclaredMethods()) {
      if (!method.isBridge()
          && Modifier.isPublic(method.getModifiers())
          && method.getName().startsWith("with")) {
        options.add(method.getName());
      }
    }
    String table = page().replaceFirst("(?s).*## Options(.*?)## .*", "$1");
    assertThat(found("`(with[A-Za-z]+)`", table)).isEqualTo(options);
  }

  @Test
  void theTestsThatAreNamedAreThere() throws IOException {
    Path tests = Repository.root().resolve("bts-it/src/test/java/dev/bts/it/containers");
    assertThat(found("`([A-Za-z]+Test)`", page()))
        .isNotEmpty()
        .allMatch(name -> Files.exists(tests.resolve(name + ".java")));
  }

  private static Set<String> found(String pattern, String text) {
    Set<String> found = new TreeSet<>();
    Pattern.compile(pattern).matcher(text).results().forEach(match -> found.add(match.group(1)));
    return found;
  }

  private static String page() throws IOException {
    return Repository.read("docs/containers.md");
  }
}
