package dev.bts.it;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Tests that a document names as {@code Class#method}. */
final class NamedTests {
  private static final Pattern NAME = Pattern.compile("`(\\w+)#(\\w+)`");

  private NamedTests() {}

  /** Returns whether a text names one. */
  static boolean areIn(String text) {
    return NAME.matcher(text).find();
  }

  /** Returns all names in a document, as often as they stand there. */
  static List<MatchResult> of(String document) throws IOException {
    return NAME.matcher(Repository.read(document)).results().toList();
  }

  /** Returns the names in a document of tests that there are not. */
  static List<String> missing(String document) throws IOException {
    Map<Path, String> sources = Repository.texts();
    List<String> missing = new ArrayList<>();
    for (MatchResult named : of(document)) {
      Pattern declaration = Pattern.compile("(void|Stream<DynamicTest>) " + named.group(2) + "\\(");
      boolean exists =
          sources.entrySet().stream()
              .filter(source -> source.getKey().endsWith(named.group(1) + ".java"))
              .anyMatch(source -> declaration.matcher(source.getValue()).find());
      if (!exists) {
        missing.add(named.group());
      }
    }
    return missing;
  }
}
