package dev.bts.it;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The files of the repository that the tests run in. */
final class Repository {
  /** What is no source: outputs of builds, the history, settings of editors. */
  private static final Set<String> NO_SOURCES =
      Set.of("target", ".git", ".idea", ".vscode", ".settings");

  private static final Path ROOT = findRoot();

  private Repository() {}

  static Path root() {
    return ROOT;
  }

  private static Path findRoot() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(directory.resolve("bts-api"))) {
      directory = directory.getParent();
      if (directory == null) {
        throw new IllegalStateException("the tests do not run inside the repository");
      }
    }
    return directory;
  }

  /** Returns the paths of all source files, relative to the root. */
  static List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            return NO_SOURCES.contains(String.valueOf(directory.getFileName()))
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile() && !NO_SOURCES.contains(file.getFileName().toString())) {
              files.add(ROOT.relativize(file));
            }
            return FileVisitResult.CONTINUE;
          }
        });
    files.sort(null);
    return files;
  }

  /**
   * Returns the content of all source files but recorded and generated data, which lies in
   * directories named {@code data} and is as it came.
   *
   * @throws java.nio.charset.CharacterCodingException if one of them is not text in UTF-8
   */
  static Map<Path, String> texts() throws IOException {
    Map<Path, String> texts = new TreeMap<>();
    for (Path file : files()) {
      if (!file.toString().contains("/data/")) {
        texts.put(file, Files.readString(ROOT.resolve(file)));
      }
    }
    return texts;
  }

  static String read(String file) throws IOException {
    return Files.readString(ROOT.resolve(file));
  }
}
