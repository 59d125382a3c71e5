package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The repository itself is tidy. Each rule lists the places that break it. */
class TidyTest {
  private static final int LONGEST_CLASS_LINES = 400;
  private static final int LONGEST_LINE_CHARACTERS = 140;

  /** Classes that may be longer, with the reason. */
  private static final Map<String, String> MAY_BE_LONGER = Map.of();

  @Test
  void noFileHasTabsCarriageReturnsOrTrailingBlanks() throws IOException {
    Pattern untidy = Pattern.compile("\t|\r|[ ]+$");
    assertThat(lines(file -> true, untidy)).isEmpty();
  }

  @Test
  void everyFileEndsWithOneNewline() throws IOException {
    List<String> broken = new ArrayList<>();
    Repository.texts()
        .forEach(
            (file, text) -> {
              if (!text.isEmpty() && (!text.endsWith("\n") || text.endsWith("\n\n"))) {
                broken.add(file.toString());
              }
            });
    assertThat(broken).isEmpty();
  }

  @Test
  void noClassIsLongWithoutAReason() throws IOException {
    List<String> broken = new ArrayList<>();
    Repository.texts()
        .forEach(
            (file, text) -> {
              long lines = text.lines().count();
              if (isMainJava(file)
                  && lines > LONGEST_CLASS_LINES
                  && !MAY_BE_LONGER.containsKey(String.valueOf(file.getFileName()))) {
                broken.add(file + ": " + lines + " lines");
              }
            });
    assertThat(broken).isEmpty();
  }

  /** Rows of tables cannot be broken. */
  @Test
  void noLineIsTooLongToRead() throws IOException {
    Pattern tooLong = Pattern.compile("^(?![|]).{" + (LONGEST_LINE_CHARACTERS + 1) + ",}$");
    assertThat(lines(file -> !file.startsWith("LICENSE"), tooLong)).isEmpty();
  }

  @Test
  void nothingIsLeftUnfinished() throws IOException {
    // Put together so that this line does not find itself.
    Pattern unfinished = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b");
    assertThat(lines(file -> true, unfinished)).isEmpty();
  }

  @Test
  void nothingNamesTheMachineItWasMadeOn() throws IOException {
    Pattern machine =
        Pattern.compile(
            "/(wor"
                + "k|far"
                + "m|roo"
                + "t|hom"
                + "e)/[a-z]|/tmp/bash"
                + "_jobs|//[a-z0-9.]*(maven|npmjs|debian)[.]");
    Predicate<String> schema = line -> line.contains("//maven.apache.org/");
    assertThat(lines(file -> true, machine)).filteredOn(schema.negate()).isEmpty();
  }

  /** Tests that stand in a package of the main code are described there. */
  @Test
  void everyPackageSaysWhatItIsAndChecksNulls() throws IOException {
    Map<Path, String> texts = Repository.texts();
    Set<String> described = new TreeSet<>();
    Set<String> packages = new TreeSet<>();
    texts.forEach(
        (file, text) -> {
          if (!isJava(file) || file.endsWith("module-info.java")) {
            return;
          }
          String name = file.toString().replaceFirst(".*/src/(main|test)/java/(.*)/[^/]*", "$2");
          packages.add(name);
          if (file.endsWith("package-info.java")
              && text.startsWith("/**")
              && text.contains("@NullMarked")) {
            described.add(name);
          }
        });
    packages.removeAll(described);
    assertThat(packages).isEmpty();
  }

  @Test
  void everyLinkInTheDocumentsLeadsToAFile() throws IOException {
    Pattern link = Pattern.compile("]\\(([^)#]+)(#[^)]*)?\\)");
    List<String> broken = new ArrayList<>();
    Repository.texts()
        .forEach(
            (file, text) -> {
              if (!file.toString().endsWith(".md")) {
                return;
              }
              Matcher links = link.matcher(text);
              while (links.find()) {
                String target = links.group(1);
                Path path = Repository.root().resolve(file).resolveSibling(target);
                if (!target.startsWith("https://") && !Files.exists(path)) {
                  broken.add(file + ": " + target);
                }
              }
            });
    assertThat(broken).isEmpty();
  }

  @Test
  void everyCommandOfTheReadmeExists() throws IOException {
    String readme = Repository.read("README.md");
    String pom = Repository.read("pom.xml") + Repository.read("bts-it/pom.xml");
    List<String> broken = new ArrayList<>();
    Matcher scripts = Pattern.compile("(?:^|[`\\s])(\\./bts|\\.ci/run)\\b").matcher(readme);
    while (scripts.find()) {
      if (!Files.isExecutable(Repository.root().resolve(scripts.group(1)))) {
        broken.add(scripts.group(1));
      }
    }
    Matcher profiles = Pattern.compile("-P([a-z]+)").matcher(readme);
    while (profiles.find()) {
      if (!pom.contains("<id>" + profiles.group(1) + "</id>")) {
        broken.add("-P" + profiles.group(1));
      }
    }
    assertThat(broken).isEmpty();
  }

  /** Returns "file:line: text" of every line that the pattern finds something in. */
  private static List<String> lines(Predicate<Path> where, Pattern pattern) throws IOException {
    List<String> found = new ArrayList<>();
    Repository.texts()
        .forEach(
            (file, text) -> {
              if (!where.test(file)) {
                return;
              }
              int number = 0;
              for (String line : (Iterable<String>) text.lines()::iterator) {
                number++;
                if (pattern.matcher(line).find()) {
                  found.add(file + ":" + number + ": " + line);
                }
              }
            });
    return found;
  }

  private static boolean isJava(Path file) {
    return file.toString().endsWith(".java");
  }

  private static boolean isMainJava(Path file) {
    return isJava(file) && file.toString().contains("/src/main/");
  }
}
