package dev.bts.kernel.testing;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.bts.kernel.sys.ProcFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A memory control group of cgroup v1 that a test makes, below the one that it runs in. */
public final class MemoryGroup implements AutoCloseable {
  private static final Path MOUNT = Path.of("/sys/fs/cgroup/memory");
  private static final long PATIENCE_NANOS = Duration.ofSeconds(10).toNanos();

  private final Path directory;

  private MemoryGroup(Path directory) {
    this.directory = directory;
  }

  /** Returns the directory of the group that this process is in, if it is there. */
  public static Path own() {
    for (String line : ProcFile.lines("/proc/self/cgroup")) {
      int controller = line.indexOf(":memory:");
      if (controller >= 0) {
        Path own = Path.of(MOUNT + line.substring(controller + ":memory:".length()));
        if (Files.exists(own.resolve("memory.stat"))) {
          return own;
        }
      }
    }
    return abort("the memory controller of cgroup v1 is not at " + MOUNT);
  }

  /** Makes a group below that of this process; the test is skipped where that is not allowed. */
  public static MemoryGroup make(String name) {
    return make(own().resolve(name + "-" + ProcessHandle.current().pid()));
  }

  /** Makes a group below this one. */
  public MemoryGroup child(String name) {
    return make(directory.resolve(name));
  }

  private static MemoryGroup make(Path directory) {
    try {
      Files.createDirectory(directory);
    } catch (IOException e) {
      return abort("no control group can be made here: " + e);
    }
    return new MemoryGroup(directory);
  }

  /** Sets memory.limit_in_bytes. */
  public MemoryGroup limit(long bytes) {
    try {
      Files.writeString(directory.resolve("memory.limit_in_bytes"), Long.toString(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** Returns what a command line begins with that shall run in this group. */
  public List<String> starter() {
    return List.of(
        "sh",
        "-c",
        "echo $$ > \"$0\" && exec \"$@\"",
        directory.resolve("cgroup.procs").toString());
  }

  /** Returns its name below that of this process's group. */
  public String name() {
    return String.valueOf(directory.getFileName());
  }

  /** Removes the group, once the last of its processes has been taken away by the kernel. */
  @Override
  public void close() {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (true) {
      try {
        Files.delete(directory);
        return;
      } catch (IOException busy) {
        if (System.nanoTime() - deadline > 0) {
          throw new UncheckedIOException(busy);
        }
        Thread.onSpinWait();
      }
    }
  }
}
