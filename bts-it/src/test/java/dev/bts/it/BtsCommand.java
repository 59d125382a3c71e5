package dev.bts.it;

import dev.bts.kernel.ordinary.ReadableCopy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command bts, as this build made it: started from the test's own class path. */
final class BtsCommand {
  /** The class path of the tests, which holds the command and all it needs. */
  static final String CLASS_PATH = System.getProperty("java.class.path");

  private static final int FIRST_JDK_THAT_ASKS_FOR_CONSENT = 22;

  private BtsCommand() {}

  /** Returns the command line of bts with these arguments. */
  static List<String> line(List<String> arguments) {
    List<String> line = java(CLASS_PATH, "dev.bts.cli.Bts");
    line.addAll(arguments);
    return line;
  }

  /**
   * Returns the command line of bts for an ordinary user.
   *
   * @param copies a directory that everybody may enter, for copies of what may not be readable
   */
  static List<String> lineForAnybody(Path copies, List<String> arguments) throws IOException {
    List<String> line = java(ReadableCopy.ofClassPath(copies), "dev.bts.cli.Bts");
    line.addAll(arguments);
    return line;
  }

  /** Returns the command line that starts a class, with the options that ./bts uses. */
  static List<String> java(String classPath, String mainClass) {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(List.of("-XX:+UseSerialGC", "-XX:-UsePerfData", "-XX:-MaxFDLimit"));
    if (Runtime.version().feature() >= FIRST_JDK_THAT_ASKS_FOR_CONSENT) {
      line.add("--enable-native-access=ALL-UNNAMED");
    }
    line.addAll(List.of("-cp", classPath, mainClass));
    return line;
  }
}
