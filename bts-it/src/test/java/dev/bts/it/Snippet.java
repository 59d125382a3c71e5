package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;

/**
 * A Java program in a document: a block with one class and, if one stands between it and the next
 * program, the block of text that it prints.
 *
 * @param name of the class
 * @param source the program
 * @param between what the document says between the two blocks
 * @param output what it prints, with … for what differs; empty if the document does not say
 */
record Snippet(String name, String source, String between, String output) {
  private static final Pattern PROGRAM =
      Pattern.compile(
          "```java\n(.*?)```\n((?:(?!```).)*(?=```text\n))?(?:```text\n(.*?)```)?", Pattern.DOTALL);

  private static final Pattern CLASS = Pattern.compile("^class (\\w+)", Pattern.MULTILINE);

  /** Finds the programs of a document. */
  static List<Snippet> of(String document) throws IOException {
    return PROGRAM
        .matcher(Repository.read(document))
        .results()
        .map(
            found -> {
              MatchResult type = CLASS.matcher(found.group(1)).results().findFirst().orElseThrow();
              return new Snippet(
                  type.group(1), found.group(1), orEmpty(found.group(2)), orEmpty(found.group(3)));
            })
        .toList();
  }

  private static String orEmpty(String group) {
    return group == null ? "" : group;
  }

  /** Compiles it into a directory with the class path of the tests. */
  void compile(Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve(name + ".java"), source);
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-cp", BtsCommand.CLASS_PATH, file.toString());
    assertThat(compiled).as(name).isZero();
  }

  /** Returns the command line that runs what was compiled into a directory. */
  List<String> line(Path directory) {
    return BtsCommand.java(directory + ":" + BtsCommand.CLASS_PATH, name);
  }

  /** Returns a pattern for what it prints. */
  Pattern printed() {
    StringBuilder pattern = new StringBuilder();
    for (String part : output.split("…", -1)) {
      pattern.append(pattern.isEmpty() ? "" : ".*").append(Pattern.quote(part));
    }
    return Pattern.compile(pattern.toString());
  }

  @Override
  public String toString() {
    return name;
  }
}
