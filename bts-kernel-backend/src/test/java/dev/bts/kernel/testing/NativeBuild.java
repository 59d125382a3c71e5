package dev.bts.kernel.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Builds a program from resources with gcc, once per content: the file's name holds a hash of
 * sources and flags, so that an old program is never taken for a new one.
 *
 * <p>Safe for several threads and processes: a finished program is moved into its place atomically.
 */
public final class NativeBuild {
  private static final long TIMEOUT_SECONDS = 60;

  /** Digits of the hash in a file's name: 48 bits tell the few versions of a program apart. */
  private static final int HASH_DIGITS = 12;

  private final Path directory;
  private final String resources;
  private final List<String> shared;

  /**
   * Creates a build.
   *
   * @param resources the directory of the sources on the class path, absolute
   * @param shared the names of the files there that sources include
   */
  public NativeBuild(String resources, List<String> shared) {
    // Surefire runs tests in the module's directory.
    this.directory = Path.of("target", "native").toAbsolutePath();
    this.resources = resources;
    this.shared = shared;
  }

  /** Returns whether a source of this name is there. */
  boolean has(String source) {
    return NativeBuild.class.getResource(resources + "/" + source) != null;
  }

  /**
   * Returns the program built from a source; builds it if it is not there. The calling test is
   * skipped if there is no gcc.
   */
  public Path build(String name, String source, List<String> flags) {
    Requirements.tool("gcc", "install gcc and libc6-dev");
    try {
      return build(name, source, flags, hash(source, flags));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path build(String name, String source, List<String> flags, String hash)
      throws IOException {
    Path program = directory.resolve(name + "-" + hash).resolve(name);
    if (Files.isExecutable(program)) {
      return program;
    }
    Files.createDirectories(program.getParent());
    Path work = Files.createTempDirectory(directory, name + "-");
    try {
      copy(source, work);
      for (String file : shared) {
        copy(file, work);
      }
      List<String> command = new ArrayList<>(List.of("gcc", "-o", name, source));
      command.addAll(flags);
      ToolRun compilation = ToolRun.of(command, work, TIMEOUT_SECONDS);
      if (compilation.status() != 0) {
        throw new IllegalStateException(
            String.join(" ", command) + " failed:\n" + compilation.output());
      }
      move(work.resolve(name), program);
    } finally {
      deleteDirectory(work);
    }
    return program;
  }

  private String hash(String source, List<String> flags) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(String.join("\0", flags).getBytes(StandardCharsets.UTF_8));
      digest.update(read(source));
      for (String file : shared) {
        digest.update(read(file));
      }
      return HexFormat.of().formatHex(digest.digest()).substring(0, HASH_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private byte[] read(String file) throws IOException {
    try (InputStream stream = NativeBuild.class.getResourceAsStream(resources + "/" + file)) {
      if (stream == null) {
        throw new IllegalArgumentException("there is no source " + resources + "/" + file);
      }
      return stream.readAllBytes();
    }
  }

  private void copy(String file, Path work) throws IOException {
    Files.write(work.resolve(file), read(file));
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IllegalStateException("both lie in one directory", e);
    }
  }

  private static void deleteDirectory(Path work) throws IOException {
    try (var files = Files.list(work)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(work);
  }

  /** What a tool printed, both streams together, and its exit status. */
  record ToolRun(int status, String output) {
    static ToolRun of(List<String> command, Path directory, long timeoutSeconds)
        throws IOException {
      Process process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
              .start();
      AtomicBoolean late = new AtomicBoolean();
      CompletableFuture.delayedExecutor(timeoutSeconds, TimeUnit.SECONDS)
          .execute(
              () -> {
                late.set(process.isAlive());
                process.destroyForcibly();
              });
      try {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        process.getInputStream().transferTo(output);
        process.waitFor();
        if (late.get()) {
          throw new IllegalStateException(
              String.join(" ", command) + " took over " + timeoutSeconds + " s");
        }
        return new ToolRun(process.exitValue(), output.toString(StandardCharsets.UTF_8));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for " + command.get(0), e);
      } finally {
        process.destroyForcibly();
      }
    }
  }
}
