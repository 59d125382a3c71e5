package dev.bts.kernel.operations;

import dev.bts.accounting.operations.LiveMachine;
import dev.bts.accounting.operations.MachineFacts;
import dev.bts.kernel.helper.CallChannel;
import dev.bts.kernel.helper.HelperProcess;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.PerfEvent;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.Ptrace;
import dev.bts.kernel.sys.Rlimit;
import dev.bts.kernel.sys.Signals;
import dev.bts.kernel.sys.Sys;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where sequences of operations run, one at a time. As root each has two users whom nobody else is;
 * otherwise the caller is the only user.
 */
final class KernelStage implements LiveMachine.Stage {
  private static final int PR_SET_CHILD_SUBREAPER = 36;

  /** Above the ids that systems give to people, containers and subordinate users. */
  private static final int FIRST_UID = 2_020_000_000;

  private static final int UIDS = 100_000;
  private static final int STAGES = 1000;
  private static final long SOFT_PAGES = 64;
  private static final Pattern AREA = Pattern.compile("([0-9a-f]+)-([0-9a-f]+) .*");

  private final HelperProcess helper;
  private final boolean root = Sys.call(Sys.GETUID, 0, 0) == 0;
  private final int firstUid = FIRST_UID + (int) (ProcessHandle.current().pid() % STAGES) * UIDS;
  private final long hardBytes;
  private final UserPools.Source pools;

  /** Keeps segments attached; not the nursery, whose attachments every process would inherit. */
  private final CallChannel keeper;

  private int nextUid;
  private final MachineFacts facts;

  private KernelStage(HelperProcess helper) {
    this.helper = helper;
    CallChannel nursery = helper.channel();
    Scratch.map(nursery);
    Errno.check(
        nursery.call(Sys.PRCTL, PR_SET_CHILD_SUBREAPER, 1), "adopt the children of helpers");
    this.hardBytes = Rlimit.hard(helper.pid(), Rlimit.MEMLOCK_ROW);
    this.keeper = nursery.fork(Signals.SIGCHLD, 0, false);
    this.pools = new UserPools.Source(nursery, hardBytes);
    nursery.write(Scratch.LIMIT, Scratch.limit(SOFT_PAGES * Mapping.PAGE_BYTES, hardBytes));
    Errno.check(
        nursery.call(Sys.PRLIMIT64, 0, Rlimit.MEMLOCK, Scratch.LIMIT, 0),
        "set RLIMIT_MEMLOCK of a helper process");
    this.facts = measure();
  }

  static KernelStage open() {
    HelperProcess helper = HelperProcess.start();
    boolean ready = false;
    try {
      KernelStage stage = new KernelStage(helper);
      ready = true;
      return stage;
    } finally {
      if (!ready) {
        helper.close();
      }
    }
  }

  @Override
  public MachineFacts facts() {
    return facts;
  }

  @Override
  public LiveMachine.Run begin() {
    List<Integer> uids = root ? List.of(newUid(), newUid()) : List.of(facts.user(0).uid());
    List<UserPools> measured = new ArrayList<>();
    boolean ready = false;
    try {
      List<MachineFacts.UserFacts> users = new ArrayList<>();
      for (int uid : uids) {
        UserPools pool = pools(uid);
        measured.add(pool);
        users.add(new MachineFacts.UserFacts(uid, pool.locked(0), pool.perf(0)));
      }
      KernelRun run = new KernelRun(this, with(users), measured);
      ready = true;
      return run;
    } finally {
      if (!ready) {
        measured.forEach(UserPools::close);
      }
    }
  }

  /** Ends the nursery, and with it whatever descends from it. */
  @Override
  public void close() {
    pools.close();
    keeper.close();
    nursery().call(Sys.WAIT4, keeper.id(), 0, Ptrace.WALL, 0);
    helper.close();
  }

  CallChannel nursery() {
    return helper.channel();
  }

  CallChannel keeper() {
    return keeper;
  }

  boolean isRoot() {
    return root;
  }

  long hardBytes() {
    return hardBytes;
  }

  /** Makes a process, which has its parent's user, one of these users. */
  void become(CallChannel process, int real, int saved) {
    if (root) {
      Errno.check(process.call(Sys.SETGROUPS, 0, 0), "leave the groups of root");
      Errno.check(process.call(Sys.SETRESGID, firstUid, firstUid, firstUid), "leave root's group");
      Errno.check(process.call(Sys.SETRESUID, real, real, saved), "become an ordinary user");
    }
  }

  private UserPools pools(int uid) {
    return new UserPools(pools, process -> become(process, uid, uid));
  }

  private int newUid() {
    int uid = firstUid + nextUid;
    nextUid = (nextUid + 1) % UIDS;
    return uid;
  }

  private MachineFacts measure() {
    int uid = root ? newUid() : (int) Sys.call(Sys.GETUID, 0, 0);
    CallChannel process = nursery().fork(Signals.SIGCHLD, 0, false);
    try (UserPools pool = pools(uid)) {
      become(process, uid, uid);
      return new MachineFacts(
          String.join("", ProcFile.lines("/proc/sys/kernel/osrelease")),
          PerfEvent.giftPages(),
          PerfEvent.paranoid(),
          hardBytes == Rlimit.INFINITY ? -1 : hardBytes / Mapping.PAGE_BYTES,
          SOFT_PAGES,
          ProcFile.statusPages(process.id(), "VmSize"),
          lockablePages(process.id()),
          pool.uringPages(),
          pool.unshares(),
          List.of(new MachineFacts.UserFacts(uid, 0, 0)));
    } finally {
      process.close();
      nursery().call(Sys.WAIT4, process.id(), 0, Ptrace.WALL, 0);
    }
  }

  private MachineFacts with(List<MachineFacts.UserFacts> users) {
    return new MachineFacts(
        facts.kernel(),
        facts.giftPages(),
        facts.paranoid(),
        facts.hardLimitPages(),
        facts.softLimitPages(),
        facts.imagePages(),
        facts.lockablePages(),
        facts.uringPages(),
        facts.userNamespaces(),
        users);
  }

  /** All but what the kernel maps for itself: [vdso], [vvar] and their like. */
  private static long lockablePages(int pid) {
    long pages = 0;
    for (String line : ProcFile.lines("/proc/" + pid + "/maps")) {
      Matcher area = AREA.matcher(line);
      if (area.matches() && !line.contains("[v")) {
        pages +=
            (Long.parseLong(area.group(2), 16) - Long.parseLong(area.group(1), 16))
                / Mapping.PAGE_BYTES;
      }
    }
    return pages;
  }
}
