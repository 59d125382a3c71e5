package dev.bts.it;

import dev.bts.kernel.sys.ProcFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** Whose processes are, and how to start some as an ordinary user. */
final class Users {
  private static final List<String> AS_NOBODY =
      List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");

  private Users() {}

  /** Returns the real user id of a process, -1 if it is gone. */
  static int of(long pid) {
    return ProcFile.statusField((int) pid, "Uid")
        .map(ids -> Integer.parseInt(ids.split("\\s+", 2)[0]))
        .orElse(-1);
  }

  static boolean testsRunAsRoot() {
    return of(ProcessHandle.current().pid()) == 0;
  }

  /** Returns what starts a command as an ordinary user: nothing if the tests run as one. */
  static List<String> ordinary() {
    return testsRunAsRoot() ? AS_NOBODY : List.of();
  }

  /** Lets everybody into a directory. */
  static void letEverybodyIn(Path directory) throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
