package dev.bts.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Properties;

/** The command {@code bts}. */
public final class Bts {
  private Bts() {}

  /** Runs the command and ends the process with its status. */
  public static void main(String[] arguments) {
    System.exit(run(Console.ofProcess(), arguments));
  }

  /** Runs the command and returns its status. */
  static int run(Console console, String... arguments) {
    // Answered at once: picocli has class files of Java 5, which class data sharing does not take.
    if (arguments.length == 1 && arguments[0].equals("--version")) {
      return printVersion(console);
    }
    return RootCommand.run(console, arguments);
  }

  private static int printVersion(Console console) {
    try {
      console.out().write((version() + "\n").getBytes(StandardCharsets.UTF_8));
      return ExitCode.OK;
    } catch (IOException e) {
      console.err().println("bts: " + e.getMessage());
      return ExitCode.FAILURE;
    }
  }

  /** Returns the name of the program with the version that the build wrote down. */
  static String version() {
    Properties properties = new Properties();
    try (InputStream in = Bts.class.getResourceAsStream("version.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return "bts " + properties.getProperty("version", "of unknown version");
  }
}
