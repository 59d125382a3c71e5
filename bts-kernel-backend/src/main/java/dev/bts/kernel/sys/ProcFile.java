package dev.bts.kernel.sys;

import dev.bts.api.Explanation;
import dev.bts.api.KernelException;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reads texts below /proc and /sys. A process may vanish at any time: then answers are empty. */
public final class ProcFile {
  /** Longest text that is read, in bytes; /proc texts beyond it are cut. */
  private static final int MAX_BYTES = 64 << 20;

  /** What is read at once: the kernel makes most texts of /proc a page at a time. */
  private static final int CHUNK_BYTES = 1 << 14;

  /** Field 39 of /proc/PID/stat, counted from the third as 0 (proc(5)). */
  private static final int PROCESSOR_FIELD = 36;

  private ProcFile() {}

  /**
   * Returns the lines of a file below /proc or /sys, none if there is no such file or process, or
   * this process may not read it.
   *
   * @throws KernelException if it cannot be read for another reason, such as the lack of a
   *     descriptor: that says nothing about the process
   */
  public static List<String> lines(String path) {
    long opened = open(path);
    if (opened < 0) {
      return require(opened, path);
    }
    byte[] content;
    try (NativeBuffer chunk = new NativeBuffer(CHUNK_BYTES)) {
      ByteArrayOutputStream read = new ByteArrayOutputStream();
      byte[] bytes = new byte[CHUNK_BYTES];
      while (read.size() < MAX_BYTES) {
        long got = Sys.call(Sys.READ, opened, chunk.address(), CHUNK_BYTES, 0);
        if (got == 0) {
          break;
        }
        if (got == -Errno.EINTR) {
          continue;
        }
        if (got < 0) {
          return require(got, path);
        }
        chunk.bytes().get(0, bytes, 0, (int) got);
        read.write(bytes, 0, (int) got);
      }
      content = read.toByteArray();
    } finally {
      Descriptors.close((int) opened);
    }
    // Of what ends a line elsewhere the kernel escapes the line feed only: the name of a process or
    // a file may hold a carriage return, and must not look like another line.
    String text = new String(content, StandardCharsets.UTF_8);
    List<String> lines = new ArrayList<>();
    int start = 0;
    while (start < text.length()) {
      int end = text.indexOf('\n', start);
      lines.add(text.substring(start, end < 0 ? text.length() : end));
      start = end < 0 ? text.length() : end + 1;
    }
    return lines;
  }

  private static long open(String path) {
    try (NativeBuffer text = NativeBuffer.string(path)) {
      long opened;
      do {
        opened = Sys.call(Sys.OPEN, text.address(), Descriptors.O_CLOEXEC);
      } while (opened == -Errno.EINTR);
      return opened;
    }
  }

  /** Returns no lines if it is the file that cannot be read, and fails if it is this process. */
  private static List<String> require(long failed, String path) {
    int errno = (int) -failed;
    switch (errno) {
      case Errno.EMFILE, Errno.ENFILE ->
          throw new KernelException(
              new Explanation(
                  "read " + path,
                  "the kernel answered " + Errno.name(errno) + ": too many files are open",
                  "raise 'ulimit -n' or fs.file-max"),
              errno);
      case Errno.ENOMEM, Errno.EIO, Errno.ELOOP -> Errno.check(failed, "read " + path);
      default -> {
        // It is gone, or hidden.
      }
    }
    return List.of();
  }

  /** Returns whether there is such a file below /proc which this process may not open. */
  public static boolean isDenied(String path) {
    long opened = open(path);
    if (opened >= 0) {
      Descriptors.close((int) opened);
    } else {
      require(opened, path);
    }
    return opened == -Errno.EACCES || opened == -Errno.EPERM;
  }

  /** Returns the numbers of the processes that there are now. */
  public static List<Integer> processes() {
    List<Integer> pids = new ArrayList<>();
    String[] names = new File("/proc").list();
    if (names != null) {
      for (String name : names) {
        if (Character.isDigit(name.charAt(0))) {
          pids.add(Integer.parseInt(name));
        }
      }
    }
    return pids;
  }

  /** Returns the value of a {@code Name:\tvalue} line of /proc/TID/status. */
  public static Optional<String> statusField(int tid, String name) {
    String prefix = name + ":";
    for (String line : lines("/proc/" + tid + "/status")) {
      if (line.startsWith(prefix)) {
        return Optional.of(line.substring(prefix.length()).trim());
      }
    }
    return Optional.empty();
  }

  /** Returns a {@code kB} value of /proc/TID/status in pages of 4 KiB, 0 if absent. */
  public static long statusPages(int tid, String name) {
    return statusField(tid, name)
        .map(value -> Long.parseLong(value.split("\\s+", 2)[0]) / 4)
        .orElse(0L);
  }

  /** Returns a hexadecimal set of /proc/TID/status, such as SigBlk or CapEff, 0 if absent. */
  public static long statusSet(int tid, String name) {
    return statusField(tid, name).map(value -> Long.parseUnsignedLong(value, 16)).orElse(0L);
  }

  /** Returns where a link that a process's threads share points to, empty if it cannot be read. */
  public static String link(int pid, String name) {
    try {
      return Files.readSymbolicLink(Path.of(shared(pid, name))).toString();
    } catch (IOException vanished) {
      return "";
    }
  }

  /** Returns the CPU that a thread ran on last, -1 if it is gone. */
  public static int processor(int tid) {
    // The command in parentheses may hold anything, line ends included; fields are counted behind
    // it, from the third.
    String line = String.join("\n", lines("/proc/" + tid + "/stat"));
    String[] fields = line.substring(line.lastIndexOf(')') + 1).trim().split(" ", -1);
    return fields.length > PROCESSOR_FIELD ? Integer.parseInt(fields[PROCESSOR_FIELD]) : -1;
  }

  /**
   * Returns the path of what a process's threads share: memory, descriptors, namespaces. It is
   * shown below /proc/PID, unless the first thread has exited and others live on: then below one of
   * those.
   *
   * @param name such as {@code maps}
   */
  public static String shared(int pid, String name) {
    return "/proc/" + threadWithMemory(pid) + "/" + name;
  }

  /** Returns a field of the status of a thread that has the process's memory. */
  public static Optional<String> sharedField(int pid, String field) {
    return statusField(threadWithMemory(pid), field);
  }

  /** Returns a {@code kB} value of the process's memory in pages of 4 KiB, 0 if it is gone. */
  public static long sharedPages(int pid, String field) {
    return statusPages(threadWithMemory(pid), field);
  }

  /**
   * Returns whether a process has memory: threads of the kernel and zombies have none, nor have
   * those that are gone.
   */
  public static boolean hasMemory(int pid) {
    return showsMemory(threadWithMemory(pid));
  }

  /**
   * Returns a thread of a process that has its memory: the first one has none any more when it has
   * exited and others live on.
   *
   * @return the first thread if all are gone
   */
  public static int threadWithMemory(int pid) {
    if (showsMemory(pid)) {
      return pid;
    }
    String[] threads = new File("/proc/" + pid + "/task").list();
    return threads == null
        ? pid
        : Arrays.stream(threads)
            .mapToInt(Integer::parseInt)
            .filter(ProcFile::showsMemory)
            .findFirst()
            .orElse(pid);
  }

  private static boolean showsMemory(int tid) {
    return statusField(tid, "VmSize").isPresent();
  }
}
