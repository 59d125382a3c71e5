package dev.bts.kernel.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The programs under {@code tracees/}, small and each about one thing, built with gcc when a test
 * asks for one.
 *
 * <p>A tracee checks itself, prints the same on every run, and ends with {@code EXIT-SUCCESS} and
 * status 0, unless its first comment says otherwise. All are static and at fixed addresses, those
 * in assembly without a library: the dynamic loader executes twice as many instructions as most of
 * them, which counts when each is stepped. How dynamically linked programs fare is tested with
 * those of the machine, such as {@code /bin/ls}.
 */
public final class TraceePrograms {
  private static final String RESOURCES = "/tracees";
  private static final NativeBuild BUILD =
      new NativeBuild(RESOURCES, List.of("tracee.h", "own_buffer.h", "asm_exit.inc"));
  private static final List<String> ASSEMBLY_FLAGS =
      List.of("-g", "-nostdlib", "-static", "-no-pie");

  /**
   * No red zone, because pieces of assembly in the C programs use the stack; warnings are errors,
   * so that no program relies on what the compiler merely tolerates.
   */
  private static final List<String> C_FLAGS =
      List.of(
          "-g",
          "-O1",
          "-static",
          "-no-pie",
          "-mno-red-zone",
          "-pthread",
          "-Wall",
          "-Wextra",
          "-Werror");

  private TraceePrograms() {}

  /**
   * Returns the program of this name, built. The calling test is skipped, with the reason, if there
   * is no gcc.
   *
   * @param name the source's name without its ending, such as {@code asm_jump} or {@code threads}
   * @throws IllegalArgumentException if there is no such source
   */
  public static Path compile(String name) {
    if (BUILD.has(name + ".S")) {
      return BUILD.build(name, name + ".S", ASSEMBLY_FLAGS);
    }
    return BUILD.build(name, name + ".c", C_FLAGS);
  }

  /** Returns the names of all programs, in alphabetical order. */
  public static List<String> names() {
    try {
      URI uri = Objects.requireNonNull(TraceePrograms.class.getResource(RESOURCES)).toURI();
      if (!uri.getScheme().equals("jar")) {
        return names(Path.of(uri));
      }
      try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
        return names(jar.getPath(RESOURCES));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException("a resource's address is a URI", e);
    }
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(".c") || file.endsWith(".S"))
          .map(file -> file.substring(0, file.length() - 2))
          .sorted()
          .toList();
    }
  }
}
