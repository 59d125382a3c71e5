package dev.bts.kernel.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.KernelException;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.NativeBuffer;
import dev.bts.kernel.sys.Ptrace;
import dev.bts.kernel.sys.Sockets;
import dev.bts.kernel.sys.Sys;
import dev.bts.kernel.sys.SystemV;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HelperProcessTest {
  private static final int GETPPID = 110;
  private static final int PR_SET_CHILD_SUBREAPER = 36;
  private static final int MEMFD_NAME_BYTES = 16;
  private static final int NO_DESCRIPTOR = 1_000_000;

  @Test
  void executesCallsInAProcessOfItsOwn() {
    try (HelperProcess helper = HelperProcess.start()) {
      assertThat(helper.call(Sys.GETPID)).isEqualTo(helper.pid());
      assertThat(helper.call(GETPPID)).isEqualTo(ProcessHandle.current().pid());
    }
  }

  @Test
  void aSegmentIsRemovedWhoseRemovalCouldNotBeAskedFor() {
    long segment;
    try (HelperProcess helper = HelperProcess.start()) {
      helper.channel().setMayLeaveSegment(true);
      segment =
          helper.call(Sys.SHMGET, SystemV.IPC_PRIVATE, 1, SystemV.IPC_CREAT | SystemV.OWNER_ONLY);
      assertThat(segment).isNotNegative();
    }
    try (NativeBuffer status = new NativeBuffer(SystemV.SHMID_BYTES)) {
      assertThat(Sys.call(Sys.SHMCTL, segment, SystemV.IPC_STAT, status.address(), 0))
          .isEqualTo(-Errno.EINVAL);
    }
  }

  @Test
  void answersWithANegativeErrno() {
    try (HelperProcess helper = HelperProcess.start()) {
      assertThat(helper.call(Sys.CHDIR, helper.placeString(bytes("/no/such/place"))))
          .isEqualTo(-Errno.ENOENT);
      assertThat(helper.call(Sys.CLOSE, 777)).isEqualTo(-9);
    }
  }

  @Test
  void passesAllSixArguments() {
    try (HelperProcess helper = HelperProcess.start()) {
      // mmap takes six: a mapping of the second page of a file shows what is there.
      byte[] content = new byte[8192];
      new Random(6).nextBytes(content);
      long memfd = helper.call(Sys.MEMFD_CREATE, helper.map(MEMFD_NAME_BYTES), 0);
      assertThat(helper.call(Sys.WRITE, memfd, helper.place(content), content.length))
          .isEqualTo(content.length);
      long second = helper.call(Sys.MMAP, 0, 4096, 1, 1, memfd, 4096);
      assertThat(helper.call(Sys.PWRITE64, memfd, second, 4096, 0)).isEqualTo(4096);
      assertThat(new File("/proc/" + helper.pid() + "/fd/" + memfd))
          .content(StandardCharsets.ISO_8859_1)
          .startsWith(new String(content, 4096, 4096, StandardCharsets.ISO_8859_1));
    }
  }

  @Test
  void placesBytesOfAnySize(@TempDir Path directory) throws IOException {
    try (HelperProcess helper = HelperProcess.start()) {
      for (int size : new int[] {0, 1, 4095, 4096, 4097, 1_000_003}) {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        long address = helper.place(content);
        Path file = directory.resolve("copy" + size);
        long descriptor =
            helper.call(Sys.OPEN, helper.placeString(bytes(file.toString())), 0x42, 0x180);
        assertThat(helper.call(Sys.WRITE, descriptor, address, size)).isEqualTo(size);
        assertThat(Files.readAllBytes(file)).isEqualTo(content);
      }
    }
  }

  @Test
  void saysSoWhenBytesDoNotArrive() {
    try (HelperProcess helper = HelperProcess.start()) {
      assertThatThrownBy(() -> helper.write(16, new byte[8]))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("EFAULT");
    }
  }

  /** The helper waits for the descriptor: it would take the next request for that. */
  @Test
  void saysSoEverAfterWhenADescriptorIsNotPassed() {
    try (HelperProcess helper = HelperProcess.start()) {
      CallChannel channel = helper.channel();
      channel.scratch(helper.map(Sockets.RIGHTS_BYTES));
      assertThatThrownBy(() -> channel.give(NO_DESCRIPTOR)).hasMessageContaining("EBADF");
      assertThatThrownBy(() -> channel.call(Sys.GETPID)).hasMessageContaining("EBADF");
    }
  }

  @Test
  void holdsNoDescriptorOfTheJvmButTheStandardStreams() throws IOException {
    try (ServerSocket leaky = new ServerSocket(0);
        HelperProcess helper = HelperProcess.start()) {
      assertThat(leaky.isBound()).isTrue();
      assertThat(new File("/proc/" + helper.pid() + "/fd").list())
          .containsExactlyInAnyOrder(expectedDescriptors().toArray(String[]::new));
    }
  }

  private static List<String> expectedDescriptors() {
    List<String> standard = new ArrayList<>();
    for (String descriptor : List.of("0", "1", "2")) {
      if (Files.exists(Path.of("/proc/self/fd", descriptor), LinkOption.NOFOLLOW_LINKS)) {
        standard.add(descriptor);
      }
    }
    standard.add(Integer.toString(HelperImage.CHANNEL));
    return standard;
  }

  @Test
  void closingLeavesNoProcessAndNoDescriptor() {
    long before = descriptors();
    HelperProcess helper = HelperProcess.start();
    helper.close();
    helper.close();
    assertThat(Sys.call(Sys.KILL, helper.pid(), 0)).isEqualTo(-Errno.ESRCH);
    assertThat(descriptors()).isEqualTo(before);
  }

  @Test
  void closesThoughAStepIsStillOut() {
    HelperProcess helper = HelperProcess.start();
    helper.send(Sys.PAUSE);
    helper.close();
    assertThat(Sys.call(Sys.KILL, helper.pid(), 0)).isEqualTo(-Errno.ESRCH);
  }

  @Test
  void saysThatItHasEnded() {
    try (HelperProcess helper = HelperProcess.start()) {
      helper.send(Sys.EXIT_GROUP, 7);
      assertThatThrownBy(
              () -> {
                helper.call(Sys.GETPID);
                helper.call(Sys.GETPID);
              })
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("the helper has ended");
    }
  }

  @Test
  void endsAndIsReapedWhileTraced() {
    HelperProcess helper = HelperProcess.start();
    assertThat(Ptrace.call(Ptrace.SEIZE, helper.pid(), 0, Ptrace.O_TRACEEXIT)).isZero();
    helper.close();
    assertThat(Sys.call(Sys.KILL, helper.pid(), 0)).isEqualTo(-Errno.ESRCH);
  }

  @Test
  void startsFromATemporaryFileToo(@TempDir Path directory) {
    HelperProcess helper;
    try (ExecutableFile program = ExecutableFile.in(directory, HelperImage.bytes())) {
      helper = HelperProcess.start(program);
    }
    try (helper) {
      assertThat(directory).isEmptyDirectory();
      assertThat(helper.call(Sys.GETPID)).isEqualTo(helper.pid());
    }
  }

  @Test
  void refusesAProgramThatMustNotBeExecutedAndLeavesNothing(@TempDir Path directory)
      throws IOException {
    refuseToStart(directory); // Has opened by now what the JVM keeps open.
    long before = descriptors();
    refuseToStart(directory);
    assertThat(descriptors()).isEqualTo(before);
    assertThat(directory).isEmptyDirectory();
  }

  private static void refuseToStart(Path directory) throws IOException {
    try (ExecutableFile program = ExecutableFile.in(directory, HelperImage.bytes())) {
      Files.setPosixFilePermissions(
          Path.of(program.path()), PosixFilePermissions.fromString("rw-------"));
      assertThatThrownBy(() -> HelperProcess.start(program))
          .isInstanceOfSatisfying(
              KernelException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EACCES))
          .hasMessageContaining(program.path());
    }
  }

  @Test
  void diesWithTheJvmHoweverThatDies() throws Exception {
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                StartsAHelperAndWaits.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    // As a subreaper this process becomes the parent of orphans below it, and can wait for them.
    assertThat(Sys.call(Sys.PRCTL, PR_SET_CHILD_SUBREAPER, 1)).isZero();
    try (NativeBuffer status = new NativeBuffer(Integer.BYTES)) {
      int pid = Integer.parseInt(jvm.inputReader().readLine());
      assertThat(Path.of("/proc/" + pid)).exists();
      jvm.destroyForcibly().waitFor();
      assertThat(Sys.call(Sys.WAIT4, pid, status.address(), Ptrace.WALL, 0)).isEqualTo(pid);
      assertThat(Ptrace.exited(status.bytes().getInt(0))).isTrue();
      assertThat(Ptrace.exitCode(status.bytes().getInt(0))).isZero();
    } finally {
      Sys.call(Sys.PRCTL, PR_SET_CHILD_SUBREAPER, 0);
    }
  }

  /** A JVM that can be killed while it has a helper. */
  static final class StartsAHelperAndWaits {
    private StartsAHelperAndWaits() {}

    public static void main(String[] arguments) throws InterruptedException {
      HelperProcess helper = HelperProcess.start();
      System.out.println(helper.pid());
      TimeUnit.DAYS.sleep(1);
      helper.close();
    }
  }

  @Test
  void leavesOtherChildrenToThoseWhoWaitForThem() throws Exception {
    Process other = new ProcessBuilder("sh", "-c", "exit 5").start();
    HelperProcess.start().close();
    assertThat(other.waitFor()).isEqualTo(5);
  }

  @Test
  void exitsWithTheStatusThatItIsAskedTo() {
    try (HelperProcess helper = HelperProcess.start();
        NativeBuffer status = new NativeBuffer(Integer.BYTES)) {
      helper.send(Sys.EXIT_GROUP, 7);
      assertThat(Sys.call(Sys.WAIT4, helper.pid(), status.address(), Ptrace.WALL, 0))
          .isEqualTo(helper.pid());
      assertThat(Ptrace.exitCode(status.bytes().getInt(0))).isEqualTo(7);
    }
  }

  /** Counts descriptors of the kinds that a helper takes: the JVM opens files as it pleases. */
  private static long descriptors() {
    String[] names = new File("/proc/self/fd").list();
    assertThat(names).isNotNull();
    long count = 0;
    for (String name : names) {
      try {
        String link = Files.readSymbolicLink(Path.of("/proc/self/fd", name)).toString();
        count += link.startsWith("socket:") || link.startsWith("/memfd:bts-helper") ? 1 : 0;
      } catch (IOException closedMeanwhile) {
        // Not ours, then.
      }
    }
    return count;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
