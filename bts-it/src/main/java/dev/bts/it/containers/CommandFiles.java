package dev.bts.it.containers;

import dev.bts.cli.Bts;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files that the command bts consists of, picked from the class path of this process: the jars,
 * or directories of classes, of bts itself, and the libraries that bts-cli names.
 */
final class CommandFiles {
  /** Written by the build of bts-cli: the jars of its runtime dependencies. */
  private static final String LIBRARIES = "/META-INF/dev.bts.cli.libraries";

  /** Directories of classes that this jar's builds leave: those of bts are told by a package. */
  private static final List<String> OWN_PACKAGES =
      List.of(
          "dev/bts/api",
          "dev/bts/accounting",
          "dev/bts/kernel/sys",
          "dev/bts/sim/kernel",
          "dev/bts/cli");

  private static final Pattern OWN_JAR =
      Pattern.compile(
          "bts-(api|accounting|kernel-backend|sim-backend|cli)-(?!.*-tests\\.).*\\.jar");

  /** Dependents may have other versions than bts was built with. */
  private static final Pattern VERSION = Pattern.compile("-[0-9].*");

  private CommandFiles() {}

  /** Returns jars and directories in the order of the class path. */
  static List<Path> onClassPath() {
    return of(System.getProperty("java.class.path"));
  }

  /**
   * Picks from a class path.
   *
   * @throws IllegalStateException if a library that bts needs is not on it
   */
  static List<Path> of(String classPath) {
    List<Path> all =
        Stream.of(classPath.split(File.pathSeparator, -1))
            .map(Path::of)
            .filter(Files::exists)
            .toList();
    List<String> libraries = libraries();
    List<String> missing = new ArrayList<>(libraries);
    List<Path> picked = new ArrayList<>();
    for (Path file : all) {
      Optional<String> library = libraries.stream().filter(name -> isJarOf(file, name)).findFirst();
      library.ifPresent(missing::remove);
      if (library.isPresent() || isOwn(file)) {
        picked.add(file);
      }
    }
    if (!missing.isEmpty()) {
      throw new IllegalStateException(
          "bts needs these libraries, and the class path does not have them: "
              + missing
              + ": depend on dev.bts:bts-it without excluding them");
    }
    return picked;
  }

  /** Returns the names, without version, of the libraries that are not of bts itself. */
  private static List<String> libraries() {
    try (InputStream in = Bts.class.getResourceAsStream(LIBRARIES)) {
      if (in == null) {
        throw new IllegalStateException(
            LIBRARIES + " is not on the class path: bts-cli was not built by Maven; build it so");
      }
      String listed = new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
      return Stream.of(listed.split(":", -1))
          .map(jar -> VERSION.matcher(jar.substring(jar.lastIndexOf('/') + 1)).replaceFirst(""))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isJarOf(Path file, String library) {
    String name = file.getFileName().toString();
    return name.startsWith(library + "-")
        && name.endsWith(".jar")
        && Character.isDigit(name.charAt(library.length() + 1));
  }

  private static boolean isOwn(Path file) {
    return Files.isDirectory(file)
        ? OWN_PACKAGES.stream().anyMatch(name -> hasMainClasses(file, name))
        : OWN_JAR.matcher(file.getFileName().toString()).matches();
  }

  /** Tests stand in the packages of the main code; descriptors stand with the main code alone. */
  private static boolean hasMainClasses(Path directory, String packageName) {
    return Files.exists(directory.resolve("module-info.class"))
        && Files.isDirectory(directory.resolve(packageName));
  }
}
