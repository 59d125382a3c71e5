package dev.bts.kernel.memory;

import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.AccountView;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.ProcFile;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * The memory controller of control groups as this process sees it: a mount that shows the process's
 * own group, and the files of either version of cgroups.
 *
 * <p>A container sees a part of the hierarchy only. The groups above it have counters and limits
 * too, which the kernel charges and checks, and which nothing here can read: paths begin at the top
 * of what is visible. That top is the hierarchy's root only for who sees everything; else it is a
 * group with a limit like others, and is called {@code /.}, because a root has none.
 *
 * <p>The counters take in what CPUs have charged in advance, up to 64 pages for each online CPU
 * (MEMCG_CHARGE_BATCH, linux/memcontrol.h), and page cache, which the kernel would reclaim when the
 * group is full.
 *
 * @param version what the files are called
 * @param root the part of the hierarchy that is mounted
 * @param mountPoint where
 * @param top how paths of groups begin: empty if the root of the hierarchy is visible
 */
record MemoryController(Version version, String root, String mountPoint, String top) {
  /** The inode of the initial cgroup namespace (linux/proc_ns.h, PROC_CGROUP_INIT_INO). */
  private static final String INITIAL_NAMESPACE = "cgroup:[" + 0xeffffffbL + "]";

  private static final String ROOT = "/";
  private static final String VISIBLE_TOP = "/.";

  /** What version 1 shows where there is no limit: the largest counter, in bytes. */
  private static final long NO_LIMIT = Long.MAX_VALUE / Mapping.PAGE_BYTES * Mapping.PAGE_BYTES;

  private static final int MOUNT_ROOT_FIELD = 3;
  private static final int MOUNT_POINT_FIELD = 4;
  private static final String MOUNT_SEPARATOR = " - ";

  /** The versions of cgroups; a machine has the memory controller in one of them. */
  enum Version {
    /** A hierarchy of its own, perhaps shared with other controllers. */
    V1("memory.usage_in_bytes", "memory.limit_in_bytes", "memory.oom_control"),
    /** The unified hierarchy. */
    V2("memory.current", "memory.max", "memory.events");

    private final String usage;
    private final String limit;
    private final String events;

    Version(String usage, String limit, String events) {
      this.usage = usage;
      this.limit = limit;
      this.events = events;
    }

    /** Returns the group in a line of /proc/PID/cgroup, if it is about this version's hierarchy. */
    private Optional<String> group(String line) {
      String[] fields = line.split(":", 3);
      boolean here =
          fields.length == 3
              && switch (this) {
                case V1 -> List.of(fields[1].split(",", -1)).contains("memory");
                case V2 -> fields[0].equals("0") && fields[1].isEmpty();
              };
      return here ? Optional.of(fields[2]) : Optional.empty();
    }

    private Optional<String> group(List<String> lines) {
      return lines.stream().flatMap(line -> group(line).stream()).findFirst();
    }

    /** Returns whether a mount has this version's hierarchy, by file system and super options. */
    private boolean isMounted(String fileSystem, String options) {
      return switch (this) {
        case V1 ->
            fileSystem.equals("cgroup") && List.of(options.split(",", -1)).contains("memory");
        case V2 -> fileSystem.equals("cgroup2");
      };
    }
  }

  /** Finds the controller of this process; empty if no mount shows its group. */
  static Optional<MemoryController> find() {
    int pid = (int) ProcessHandle.current().pid();
    return find(
        ProcFile.lines("/proc/self/mountinfo"),
        ProcFile.lines("/proc/self/cgroup"),
        ProcFile.link(pid, "ns/cgroup").equals(INITIAL_NAMESPACE));
  }

  /**
   * Finds a process's controller.
   *
   * @param mounts the lines of its /proc/PID/mountinfo
   * @param groups the lines of its /proc/PID/cgroup
   * @param seesAll whether it is in the initial cgroup namespace
   */
  static Optional<MemoryController> find(
      List<String> mounts, List<String> groups, boolean seesAll) {
    // Where version 1 has the controller, version 2 has it not.
    Version version = Version.V1.group(groups).isPresent() ? Version.V1 : Version.V2;
    Optional<String> group = version.group(groups);
    MemoryController widest = null;
    for (String line : mounts) {
      int end = line.indexOf(MOUNT_SEPARATOR);
      String[] place = line.substring(0, Math.max(0, end)).split(" ", -1);
      if (place.length <= MOUNT_POINT_FIELD) {
        continue;
      }
      String[] type = line.substring(end + MOUNT_SEPARATOR.length()).split(" ", -1);
      if (type.length < 3 || !version.isMounted(type[0], type[2])) {
        continue;
      }
      String root = unescape(place[MOUNT_ROOT_FIELD]);
      boolean ownGroup = group.isPresent() && inside(root, group.get()).isPresent();
      if (ownGroup && (widest == null || root.length() < widest.root.length())) {
        String top = seesAll && root.equals(ROOT) ? "" : VISIBLE_TOP;
        widest = new MemoryController(version, root, unescape(place[MOUNT_POINT_FIELD]), top);
      }
    }
    return Optional.ofNullable(widest);
  }

  /** Mount points show blanks, line ends and backslashes in octal. */
  private static String unescape(String field) {
    return Pattern.compile("\\\\([0-7]{3})")
        .matcher(field)
        .replaceAll(
            match ->
                java.util.regex.Matcher.quoteReplacement(
                    String.valueOf((char) Integer.parseInt(match.group(1), 8))));
  }

  /** Returns a path below a root, empty if it is not below it. */
  private static Optional<String> inside(String root, String path) {
    if (root.equals(ROOT) && !isOutside(path)) {
      return Optional.of(path.equals(ROOT) ? "" : path);
    }
    boolean below = path.equals(root) || path.startsWith(root + ROOT);
    return below ? Optional.of(path.substring(root.length())) : Optional.empty();
  }

  /** A group outside the cgroup namespace has a path that begins with dots. */
  private static boolean isOutside(String path) {
    return path.equals("/..") || path.startsWith("/../");
  }

  /**
   * Returns the group of a process from the lines of its /proc/PID/cgroup; one that is not visible
   * keeps the path that it has there, and none of its numbers can be read.
   */
  AccountOwner.Group group(List<String> lines) {
    String path = version.group(lines).orElse(ROOT);
    String visible = inside(root, path).map(below -> top + below).orElse(path);
    return new AccountOwner.Group(visible.isEmpty() ? ROOT : visible);
  }

  /** Returns the pages that a group uses with all below it, empty if that cannot be read. */
  OptionalLong usedPages(AccountOwner.Group group) {
    List<String> lines = lines(group, version.usage);
    return lines.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(Long.parseLong(lines.get(0)) / Mapping.PAGE_BYTES);
  }

  /** Returns a group's own limit in pages, empty if it cannot be read. */
  OptionalLong limitPages(AccountOwner.Group group) {
    List<String> lines = lines(group, version.limit);
    if (lines.isEmpty()) {
      return OptionalLong.empty();
    }
    long bytes = lines.get(0).equals("max") ? NO_LIMIT : Long.parseLong(lines.get(0));
    return OptionalLong.of(bytes >= NO_LIMIT ? AccountView.UNLIMITED : bytes / Mapping.PAGE_BYTES);
  }

  /** Returns how often the kernel killed for want of memory in a group, empty before Linux 4.13. */
  OptionalLong oomKills(AccountOwner.Group group) {
    return lines(group, version.events).stream()
        .filter(line -> line.startsWith("oom_kill "))
        .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(' ') + 1)))
        .findFirst();
  }

  /** Returns whether the kernel kills all processes of a group where it would kill one. */
  boolean diesAsAWhole(AccountOwner.Group group) {
    return lines(group, "memory.oom.group").equals(List.of("1"));
  }

  private List<String> lines(AccountOwner.Group group, String file) {
    return isOutside(group.path()) ? List.of() : ProcFile.lines(directory(group) + "/" + file);
  }

  /** Returns where a group's files are. */
  String directory(AccountOwner.Group group) {
    return mountPoint + (group.path().equals(ROOT) ? "" : group.path());
  }

  /** Returns the file that has what a group uses, for messages. */
  String usageFile(AccountOwner.Group group) {
    return directory(group) + "/" + version.usage;
  }
}
