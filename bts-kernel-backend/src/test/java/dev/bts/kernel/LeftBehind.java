package dev.bts.kernel;

import dev.bts.kernel.sys.ProcFile;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** What a session could leave behind in the tracer's process: children, descriptors, memory. */
final class LeftBehind {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** The column of /proc/sysvipc/shm that holds who made a segment. */
  private static final int CREATOR_COLUMN = 4;

  static {
    try {
      // The JVM keeps a socket of its own once one was closed.
      SocketChannel.open().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final List<String> before = all();

  private LeftBehind() {}

  /** Notes what there is. */
  static LeftBehind now() {
    return new LeftBehind();
  }

  /** Returns what has come to it, once what ends by itself has had time to. */
  List<String> whatIsMore() {
    Supplier<List<String>> more =
        () -> {
          List<String> now = all();
          before.forEach(now::remove);
          return now;
        };
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    List<String> left = more.get();
    while (!left.isEmpty() && System.nanoTime() < deadline) {
      Thread.onSpinWait();
      left = more.get();
    }
    return left;
  }

  private static List<String> all() {
    List<String> all = new ArrayList<>();
    ProcessHandle self = ProcessHandle.current();
    self.children().forEach(child -> all.add("child " + child.info().command().orElse("zombie")));
    for (String number : Objects.requireNonNull(new File("/proc/self/fd").list())) {
      String link = link(number);
      if (link.contains("bts") || link.startsWith("socket:") || link.startsWith("/proc/")) {
        all.add("descriptor of " + link.replaceAll("[0-9]+", "N"));
      }
    }
    ProcFile.lines("/proc/self/maps").stream()
        .filter(line -> line.contains("bts:") || line.contains("/SYSV"))
        .forEach(line -> all.add("mapping " + line.replaceFirst("^.* ", "")));
    ProcFile.lines("/proc/sysvipc/shm").stream()
        .map(line -> List.of(line.trim().split(" +", -1)).subList(0, CREATOR_COLUMN + 1))
        .filter(segment -> isOfThisProcessOrADeadOne(segment.get(CREATOR_COLUMN)))
        .forEach(segment -> all.add("System V segment " + segment));
    return all;
  }

  /** Its helpers do not outlive what they are asked, so a dead one may be its own. */
  private static boolean isOfThisProcessOrADeadOne(String pid) {
    return pid.equals("" + ProcessHandle.current().pid())
        || (pid.matches("\\d+") && !Files.exists(Path.of("/proc", pid)));
  }

  private static String link(String number) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/fd", number)).toString();
    } catch (IOException closed) {
      return "";
    }
  }
}
