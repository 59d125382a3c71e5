package dev.bts.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The files of the repository that the tests run in. */
final class Repository {
  private static final Path ROOT = findRoot();

  /** What is no source: the history, and the names that {@code .gitignore} has patterns of. */
  private static final List<PathMatcher> NO_SOURCES = ignored();

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

  private static List<PathMatcher> ignored() {
    FileSystem system = FileSystems.getDefault();
    try {
      return Stream.concat(Stream.of(".git"), read(".gitignore").lines())
          .map(pattern -> pattern.replaceAll("/$", ""))
          .map(name -> system.getPathMatcher("glob:" + name))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isSource(Path path) {
    return NO_SOURCES.stream().noneMatch(pattern -> pattern.matches(path.getFileName()));
  }

  /** Returns the paths of all source files, relative to the root. */
  static List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            return directory.equals(ROOT) || isSource(directory)
                ? FileVisitResult.CONTINUE
                : FileVisitResult.SKIP_SUBTREE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile() && isSource(file)) {
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
