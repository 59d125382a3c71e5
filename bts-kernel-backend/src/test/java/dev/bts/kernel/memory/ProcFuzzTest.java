package dev.bts.kernel.memory;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bts.kernel.sys.MapsLine;
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
    MapsLine line = MapsLine.parse(MAPPING + name).orElseThrow();
    assertThat(line.start()).isEqualTo(0x7f0000000000L);
    assertThat(line.end()).isEqualTo(0x7f0000005000L);
    assertThat(line.mode()).isEqualTo("rw-s");
    assertThat(line.inode()).isEqualTo(99);
    assertThat(line.fileOffset()).isEqualTo(0x1000);
    // Blanks at its beginning look like those that the kernel pads lines with.
    assertThat(name).endsWith(line.name());
    assertThat(name.substring(0, name.length() - line.name().length())).isBlank();
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
