package dev.bts.it.containers;

import static dev.bts.it.containers.TraceAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every option of {@link BtsContainer} is seen by the programs in the container. */
class ContainerOptionsTest {
  private static final int CAP_NET_RAW = 13;
  private static final int CAP_IPC_LOCK = 14;
  private static final int CAP_SYS_ADMIN = 21;
  private static final int HEX = 16;

  /**
   * 1024 of the blocks that sh counts in. Not of open files: the soft limit of those is now and
   * then the hard one, because the engine's own runtime raises it while a program starts.
   */
  private static final long CORE_SOFT_BYTES = 1024 * 512;

  /** Answers a call with ENOSYS, as newer engines' profiles answer what they forbid. */
  private static final String PROFILE =
      """
      {"defaultAction": "SCMP_ACT_ALLOW",
       "syscalls": [{"names": ["process_vm_readv"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}
      """;

  @TempDir Path directory;

  @Test
  void theProgramsSeeTheOptions() throws IOException {
    Path profile = Files.writeString(directory.resolve("profile.json"), PROFILE);
    try (BtsContainer container =
        TestImage.container()
            .withCapabilities("IPC_LOCK")
            .withoutCapabilities("NET_RAW")
            .withSeccompProfile(profile)
            .withMemlock(64 << 10)
            .withUlimit("core", CORE_SOFT_BYTES, 2 * CORE_SOFT_BYTES)
            .withMemoryLimit(256 << 20)
            .withUser("1000:1000")
            .withShareableIpcNamespace()) {
      container.start();
      assertThat(sh(container.inside(), "id -u")).isEqualTo("1000");
      assertThat(sh(container.inside(), "ulimit -l")).isEqualTo("64");
      assertThat(sh(container.inside(), "ulimit -Hc; ulimit -Sc")).isEqualTo("2048\n1024");
      assertThat(field(container.as(0), "Seccomp")).isEqualTo("2");
      assertThat(capable(container.as(0), CAP_IPC_LOCK)).isTrue();
      assertThat(capable(container.as(0), CAP_NET_RAW)).isFalse();
      Inside.Run plan = container.inside().bts("plan", "--buffer", "512M", "--charge", "cgroup");
      assertThat(plan.output()).contains("memory limit of cgroup /. is 262144 KiB");
      // The calls that the profile leaves suffice.
      assertThat(container.inside().record("--buffer", "64K", "--", TestImage.SHORT)).complete();

      try (BtsContainer other =
          TestImage.container().withPidNamespaceOf(container).withIpcNamespaceOf(container)) {
        other.start();
        for (String namespace : new String[] {"ipc", "pid"}) {
          String link = "readlink /proc/self/ns/" + namespace;
          assertThat(sh(other.inside(), link)).isEqualTo(sh(container.inside(), link));
        }
        String ownMounts = "readlink /proc/self/ns/mnt";
        assertThat(sh(other.inside(), ownMounts)).isNotEqualTo(sh(container.inside(), ownMounts));
      }
    }
  }

  @Test
  void aPrivilegedContainerHasEveryCapability() {
    try (BtsContainer container = TestImage.container().withPrivilegedMode(true)) {
      TestImage.startOrSkip(container);
      assertThat(capable(container.inside(), CAP_SYS_ADMIN)).isTrue();
    }
  }

  private static boolean capable(Inside inside, int capability) {
    return (Long.parseUnsignedLong(field(inside, "CapEff"), HEX) >> capability & 1) == 1;
  }

  private static String field(Inside inside, String name) {
    return inside
        .run("cat", "/proc/self/status")
        .output()
        .lines()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElseThrow();
  }

  private static String sh(Inside inside, String script) {
    Inside.Run run = inside.run("sh", "-c", script);
    assertThat(run.status()).as(run.errors()).isZero();
    return run.output().strip();
  }
}
