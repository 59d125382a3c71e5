package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.Mechanism;
import dev.bts.kernel.testing.Requirements;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Real commands under the software BTS do what they do natively: same output, errors, status and
 * files. Prints how much longer each took, from start to end, the virtual machine's start included.
 *
 * <p>The commands are in {@code corpus.txt}; {@code -Dbts.corpus=NAME,NAME} takes some of them.
 */
@Tag("slow")
class CorpusTest {
  private static final int WORDS = 150_000;
  private static final int LETTERS_MAX = 12;
  private static final int TABLE_ROWS = 50_000;
  private static final int CHANGED_EVERY = 1000;
  private static final String MOMENT = "2026-01-01T00:00:00Z";
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "PATH", "/usr/bin:/bin",
          "LC_ALL", "C",
          "HOME", "/nonexistent",
          "GIT_AUTHOR_NAME", "a",
          "GIT_AUTHOR_EMAIL", "a@example.org",
          "GIT_AUTHOR_DATE", MOMENT,
          "GIT_COMMITTER_NAME", "a",
          "GIT_COMMITTER_EMAIL", "a@example.org",
          "GIT_COMMITTER_DATE", MOMENT);

  private static final Pattern ENTRY =
      Pattern.compile("^== (\\S+) (.*)\n((?:(?!== ).*\n)+)", Pattern.MULTILINE);

  private static final List<String> TABLE = new ArrayList<>();

  @TempDir static Path directory;

  @BeforeAll
  static void writeInputs() throws IOException {
    Random random = new Random(1);
    List<String> words = new ArrayList<>();
    for (int i = 0; i < WORDS; i++) {
      words.add(
          random
              .ints(1 + random.nextInt(LETTERS_MAX), 'a', 'z' + 1)
              .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
              .toString());
    }
    Files.write(directory.resolve("words"), words);
    List<String> rows = new ArrayList<>();
    for (String word : words.subList(0, TABLE_ROWS)) {
      rows.add(word + "\t" + random.nextInt(2 * TABLE_ROWS));
    }
    Files.write(directory.resolve("table"), rows);
    for (int i = 0; i < WORDS; i += CHANGED_EVERY) {
      words.set(i, words.get(i) + "x");
    }
    Files.write(directory.resolve("words2"), words);
  }

  @AfterAll
  static void printTable() {
    System.out.printf("%-20s %10s %10s %7s%n", "command", "native s", "traced s", "times");
    TABLE.forEach(System.out::println);
  }

  static Stream<Arguments> commands() throws IOException {
    List<String> wanted = List.of(System.getProperty("bts.corpus", "").split(",", -1));
    String corpus = Repository.read("bts-it/src/test/resources/dev/bts/it/corpus.txt");
    return ENTRY
        .matcher(corpus)
        .results()
        .filter(entry -> wanted.contains("") || wanted.contains(entry.group(1)))
        .map(entry -> Arguments.of(entry.group(1), entry.group(2), entry.group(3)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("commands")
  void doesTheSame(String name, String programs, String command) throws IOException {
    for (String program : programs.split(" ", -1)) {
      Requirements.tool(program, "install it");
    }
    List<String> line = List.of("bash", "-c", command);
    long begin = System.nanoTime();
    Behaviour expected = run(line);
    long alone = System.nanoTime() - begin;

    List<String> record = new ArrayList<>();
    record.addAll(
        List.of(
            "record",
            "--mechanism",
            Mechanism.SOFTWARE_BTS.label(),
            "-o",
            directory.resolve("trace.bts").toString(),
            "--"));
    record.addAll(line);
    begin = System.nanoTime();
    Behaviour traced = run(BtsCommand.line(record));
    long recorded = System.nanoTime() - begin;
    TABLE.add(
        String.format(
            "%-20s %10.2f %10.2f %7.1f",
            name, alone / 1e9, recorded / 1e9, (double) recorded / alone));

    int summary = traced.run.errors().lastIndexOf("bts: " + Mechanism.SOFTWARE_BTS.label());
    assertThat(summary).as(traced.run.errors()).isNotNegative();
    assertThat(traced.run.errors().substring(summary)).contains(", complete: ");
    assertThat(traced.run.errors().substring(0, summary)).isEqualTo(expected.run.errors());
    assertThat(traced.run.output()).isEqualTo(expected.run.output());
    assertThat(traced.run.status()).isEqualTo(expected.run.status());
    assertThat(traced.files).isEqualTo(expected.files);
  }

  private record Behaviour(CommandRun run, SortedMap<String, Integer> files) {}

  /** Runs a command in an empty directory of the same name each time. */
  private static Behaviour run(List<String> line) throws IOException {
    Path place = Files.createDirectory(directory.resolve("place"));
    Map<String, String> environment = new HashMap<>(ENVIRONMENT);
    environment.put("TMPDIR", directory.toString());
    CommandRun run = CommandRun.of(line, environment, place);
    SortedMap<String, Integer> files = new TreeMap<>();
    List<Path> left;
    try (Stream<Path> paths = Files.walk(place)) {
      left = paths.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : left) {
      files.put(place.relativize(path).toString(), contents(path));
      Files.delete(path);
    }
    files.keySet().removeAll(List.of("stdout", "stderr"));
    return new Behaviour(run, files);
  }

  private static int contents(Path path) {
    try {
      return Files.isRegularFile(path) ? Arrays.hashCode(Files.readAllBytes(path)) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
