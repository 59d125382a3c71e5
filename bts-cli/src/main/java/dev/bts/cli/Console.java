package dev.bts.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a command writes.
 *
 * @param out standard output, unbuffered
 * @param err standard error
 * @param progress whether progress may be shown on {@code err}: it is a terminal, and {@code out}
 *     is not
 * @param terminal whether {@code err} is a terminal; for verbs that print when all is done
 */
record Console(OutputStream out, PrintStream err, boolean progress, boolean terminal) {
  private static final int STDOUT = 1;
  private static final int STDERR = 2;

  /** Makes a console for which progress is all there is to know. */
  Console(OutputStream out, PrintStream err, boolean progress) {
    this(out, err, progress, progress);
  }

  /** Returns the streams of this process. */
  static Console ofProcess() {
    return new Console(
        new FileOutputStream(FileDescriptor.out),
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
        isTerminal(STDERR) && !isTerminal(STDOUT),
        isTerminal(STDERR));
  }

  /** Java tells whether standard input and output are terminals, but not of standard error. */
  private static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException e) {
      return false;
    }
  }
}
