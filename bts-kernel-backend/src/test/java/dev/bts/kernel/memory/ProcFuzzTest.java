package dev.bts.kernel.memory;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;

/**
 * Texts of /proc, in which names are whatever a hostile process has chosen; the kernel escapes line
 * feeds. (What is not a name is the kernel's.)
 */
class ProcFuzzTest {
  private static final String MAPPING = "7f0000000000-7f0000005000 rw-s 00001000 00:01 99 ";

  @FuzzTest(maxDuration = "10m")
  void aMappedFileMayHaveAnyName(byte[] chosen) {
    String name = new String(chosen, java.nio.charset.StandardCharsets.UTF_8).replace("\n", "");
    MapsEntry entry = MapsEntry.parse(MAPPING + name);
    assertThat(entry.start()).isEqualTo(0x7f0000000000L);
    assertThat(entry.pages()).isEqualTo(5);
    assertThat(entry.inode()).isEqualTo(99);
    assertThat(entry.fileOffset()).isEqualTo(0x1000);
  }

  @FuzzTest(maxDuration = "10m")
  void groupsAndMountsMayHaveAnyNames(byte[] chosen) {
    String name = new String(chosen, java.nio.charset.StandardCharsets.UTF_8);
    List<String> lines = List.of(name.split("\n", -1));
    MemoryController.find(
            List.of("30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup rw", "31 " + name),
            lines,
            true)
        .ifPresent(controller -> controller.group(lines));
    MemoryController.find(lines, List.of("4:memory:/" + name), false)
        .ifPresent(controller -> controller.group(lines));
  }
}
