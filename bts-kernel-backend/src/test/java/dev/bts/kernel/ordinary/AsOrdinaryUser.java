package dev.bts.kernel.ordinary;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bts.kernel.sys.Rlimit;
import dev.bts.kernel.sys.Sys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * Runs test classes in a JVM of a user without capabilities, under RLIMIT_MEMLOCK 8 MiB.
 *
 * <p>The user's id is one that nobody has, so that nobody else's locked memory is on its account.
 */
public final class AsOrdinaryUser {
  private static final long MEMLOCK_BYTES = 8L << 20;

  /** Above the ids that systems give to people, containers and subordinate users. */
  private static final int FIRST_UID = 2_000_000_000;

  private AsOrdinaryUser() {}

  /**
   * Runs the tests of some classes in one JVM; each becomes one here, with its outcome.
   *
   * @param scratch an empty directory
   */
  public static Stream<DynamicTest> run(Path scratch, Class<?>... tests) throws Exception {
    assumeTrue(
        Sys.call(Sys.GETUID, 0, 0) == 0,
        "only root can become another user; the classes themselves already ran as an ordinary one");
    int pid = (int) ProcessHandle.current().pid();
    long hard = Rlimit.hard(pid, Rlimit.MEMLOCK_ROW);
    assumeTrue(
        hard == Rlimit.INFINITY || hard >= MEMLOCK_BYTES,
        "the hard RLIMIT_MEMLOCK is below 8 MiB: " + hard);
    for (String tool : List.of("prlimit", "setpriv")) {
      assumeTrue(
          Files.isExecutable(Path.of("/usr/bin", tool)), tool + " of util-linux is not installed");
    }

    String uid = Integer.toString(FIRST_UID + pid);
    Files.setPosixFilePermissions(scratch, PosixFilePermissions.fromString("rwxr-xr-x"));
    String classPath = ReadableCopy.ofClassPath(scratch.resolve("class-path"));
    Path home = Files.createDirectory(scratch.resolve("home"));
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxrwxrwx"));
    List<String> starter =
        List.of(
            "prlimit",
            "--memlock=" + MEMLOCK_BYTES,
            "setpriv",
            "--reuid=" + uid,
            "--regid=" + uid,
            "--clear-groups");
    return new TestJvm(starter, classPath, home).run(List.of("-Xmx256m"), tests);
  }
}
