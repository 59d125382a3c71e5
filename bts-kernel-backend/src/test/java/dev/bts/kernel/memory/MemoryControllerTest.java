package dev.bts.kernel.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.charging.AccountOwner.Group;
import dev.bts.api.charging.AccountView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The memory controller, as host, container and either version of cgroups show it. */
class MemoryControllerTest {
  private static final String V1 = "35 31 0:32 %s %s rw,relatime shared:7 - cgroup cgroup rw,%s";
  private static final String V2 = "41 31 0:38 %s %s rw,relatime - cgroup2 cgroup2 rw,nsdelegate";
  private static final String OTHER = "30 1 8:1 / / rw - ext4 /dev/vda1 rw,memory";

  private static MemoryController find(boolean seesAll, String group, String... mounts) {
    return MemoryController.find(List.of(mounts), List.of(group), seesAll).orElseThrow();
  }

  private static Group own(MemoryController controller, String line) {
    return controller.group(List.of("7:cpu:/other", line));
  }

  @Test
  void aHostShowsTheWholePath() {
    MemoryController controller =
        find(
            true,
            "4:memory:/user/shell",
            OTHER,
            V1.formatted("/", "/sys/fs/cgroup/cpu", "cpu"),
            V1.formatted("/", "/sys/fs/cgroup/memory", "memory"),
            V2.formatted("/", "/sys/fs/cgroup/unified"));
    Group own = own(controller, "4:memory:/user/shell");
    assertThat(own.levels()).containsExactly(new Group("/user/shell"), new Group("/user"));
    assertThat(controller.directory(own)).isEqualTo("/sys/fs/cgroup/memory/user/shell");
    assertThat(own(controller, "4:memory:/")).isEqualTo(new Group("/"));
    assertThat(controller.directory(new Group("/"))).isEqualTo("/sys/fs/cgroup/memory");
  }

  @Test
  void controllersMayShareAHierarchy() {
    MemoryController controller =
        find(true, "4:cpu,memory:/x", V1.formatted("/", "/cg", "cpu,memory"));
    assertThat(own(controller, "4:cpu,memory:/x")).isEqualTo(new Group("/x"));
  }

  @Test
  void aContainerWithoutNamespaceSeesItsOwnGroupAsTheTop() {
    MemoryController controller =
        find(true, "4:memory:/docker/12", V1.formatted("/docker/12", "/cg", "memory"));
    Group own = own(controller, "4:memory:/docker/12");
    assertThat(own.levels()).containsExactly(new Group("/."));
    assertThat(controller.directory(own)).isEqualTo("/cg/.");
    assertThat(own(controller, "4:memory:/docker/12/job").levels())
        .containsExactly(new Group("/./job"), new Group("/."));
    assertThat(own(controller, "4:memory:/docker/123")).isEqualTo(new Group("/docker/123"));
  }

  @Test
  void aNamespaceHasATopWithALimit() {
    MemoryController controller = find(false, "0::/", V2.formatted("/", "/sys/fs/cgroup"));
    assertThat(own(controller, "0::/").levels()).containsExactly(new Group("/."));
    assertThat(own(controller, "0::/job").levels())
        .containsExactly(new Group("/./job"), new Group("/."));
  }

  @Test
  void aGroupOutsideTheNamespaceIsNotRead(@TempDir Path mount) throws IOException {
    Path top = Files.createDirectories(mount.resolve("top"));
    Path beside = Files.createDirectories(mount.resolve("beside"));
    Files.writeString(beside.resolve("memory.current"), "4096\n");
    MemoryController controller = find(false, "0::/", V2.formatted("/", top));
    Group outside = own(controller, "0::/../beside");
    assertThat(outside).isEqualTo(new Group("/../beside"));
    assertThat(controller.usedPages(outside)).isEmpty();
  }

  @Test
  void theWidestMountIsTaken() {
    MemoryController controller =
        find(
            true,
            "0::/a/b",
            V2.formatted("/c", "/elsewhere"),
            V2.formatted("/a", "/part"),
            V2.formatted("/", "/with\\040blank"),
            V2.formatted("/a/b", "/own"));
    assertThat(controller.directory(own(controller, "0::/a/b"))).isEqualTo("/with blank/a/b");
  }

  @Test
  void isAbsentWhereNoMountShowsTheGroup() {
    List<String> mounts = List.of(OTHER, V2.formatted("/", "/sys/fs/cgroup"), "nonsense");
    List<String> inVersion1 = List.of("4:memory:/x", "0::/x");
    assertThat(MemoryController.find(mounts, inVersion1, true)).isEmpty();
    assertThat(MemoryController.find(mounts, List.of("0::/../x"), false)).isEmpty();
    assertThat(MemoryController.find(List.of(), List.of("0::/x"), true)).isEmpty();
    assertThat(MemoryController.find(mounts, List.of(), true)).isEmpty();
  }

  @Test
  void readsVersion2(@TempDir Path mount) throws IOException {
    MemoryController controller = find(true, "0::/a", V2.formatted("/", mount));
    Group group = new Group("/a");
    assertThat(controller.usedPages(group)).isEmpty();
    assertThat(controller.limitPages(group)).isEmpty();
    assertThat(controller.oomKills(group)).isEmpty();
    assertThat(controller.diesAsAWhole(group)).isFalse();

    Path directory = Files.createDirectory(mount.resolve("a"));
    Files.writeString(directory.resolve("memory.current"), "40960\n");
    Files.writeString(directory.resolve("memory.max"), "max\n");
    Files.writeString(directory.resolve("memory.events"), "oom 3\noom_kill 2\n");
    Files.writeString(directory.resolve("memory.oom.group"), "1\n");
    assertThat(controller.usedPages(group)).hasValue(10);
    assertThat(controller.limitPages(group)).hasValue(AccountView.UNLIMITED);
    assertThat(controller.oomKills(group)).hasValue(2);
    assertThat(controller.diesAsAWhole(group)).isTrue();

    Files.writeString(directory.resolve("memory.max"), "81920\n");
    Files.writeString(directory.resolve("memory.oom.group"), "0\n");
    assertThat(controller.limitPages(group)).hasValue(20);
    assertThat(controller.diesAsAWhole(group)).isFalse();
  }

  @Test
  void readsVersion1(@TempDir Path mount) throws IOException {
    MemoryController controller = find(true, "4:memory:/", V1.formatted("/", mount, "memory"));
    Group root = new Group("/");
    Files.writeString(mount.resolve("memory.usage_in_bytes"), "40960\n");
    Files.writeString(mount.resolve("memory.limit_in_bytes"), "9223372036854771712\n");
    Files.writeString(mount.resolve("memory.oom_control"), "under_oom 0\noom_kill 5\n");
    assertThat(controller.usedPages(root)).hasValue(10);
    assertThat(controller.limitPages(root)).hasValue(AccountView.UNLIMITED);
    assertThat(controller.oomKills(root)).hasValue(5);
    Files.writeString(mount.resolve("memory.limit_in_bytes"), "8192\n");
    assertThat(controller.limitPages(root)).hasValue(2);
  }
}
