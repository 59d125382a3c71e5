package dev.bts.kernel.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bts.api.ChargeRefusedException;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.Charge;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.Sys;
import dev.bts.kernel.testing.MemoryGroup;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Real charges to the control group that the test runs in. What needs a group with a limit runs in
 * one that {@link GroupLimitsTest} makes, and is skipped elsewhere.
 */
@Timeout(120)
class GroupMemoryTest {
  private static final int PAGE_BYTES = 4096;

  /** 32 MiB: much more than what the kernel's counters are late by. */
  private static final int PAGES = 8192;

  /** MEMCG_CHARGE_BATCH (linux/memcontrol.h): pages that each CPU may be ahead or behind. */
  private static final int BATCH_PAGES = 64;

  /** What a JVM that stands still takes or gives back meanwhile, at most. */
  private static final int JVM_PAGES = 1024;

  private final List<Account> accounts =
      KernelTasks.self().group().levels().stream().map(Account::groupMemory).toList();
  private final KernelAccounts view = new KernelAccounts(false);

  @BeforeEach
  void theGroupIsVisible() {
    assumeTrue(MemoryController.find().isPresent(), "no mount shows the memory controller");
    assumeTrue(
        view.usedPages(accounts.get(0)) >= 0 && MemoryGroup.own() != null,
        "the group's memory cannot be read");
  }

  private static long number(String file, String name) {
    for (String line : ProcFile.lines(MemoryGroup.own() + "/" + file)) {
      if (line.startsWith(name)) {
        return Long.parseLong(line.substring(name.length()).trim());
      }
    }
    throw new AssertionError("no " + name + " in " + file);
  }

  /** Returns the pages of shared memory that the kernel counts in the group. */
  private static long sharedPages() {
    return number("memory.stat", "shmem ") / PAGE_BYTES;
  }

  private static long lateness() {
    return (long) BATCH_PAGES * Runtime.getRuntime().availableProcessors();
  }

  private static void assertMoved(long from, long to, long pages, long tolerance) {
    assertThat(to - from).isBetween(pages - tolerance, pages + tolerance);
  }

  @Test
  void everyLevelIsChargedAndRefunded() {
    try (Scene scene = new Scene()) {
      long before = sharedPages();
      ChargedMemory memory = scene.open("cgroup", PAGES);
      assertThat(memory.receipt().charges())
          .isEqualTo(accounts.stream().map(account -> new Charge(account, PAGES)).toList());
      assertMoved(before, sharedPages(), PAGES, lateness());
      long charged = sharedPages();
      memory.bytes().putLong((PAGES - 1) * PAGE_BYTES, 7);
      assertThat(memory.bytes().getLong((PAGES - 1) * PAGE_BYTES)).isEqualTo(7);
      // Writing makes no new pages: they were all there.
      assertMoved(charged, sharedPages(), 0, lateness());
      memory.verify();
      memory.release();
      assertMoved(before, sharedPages(), 0, lateness());
      assertThat(scene.drifts).isEmpty();
      scene.assertNothingIsLeft();
    }
  }

  /** The kernel's own opinion, page by page: /proc/kpagecgroup. */
  @Test
  void everyPageBelongsToTheGroup() throws IOException {
    assumeTrue(Files.isReadable(Path.of("/proc/kpagecgroup")), "needs root and /proc/kpagecgroup");
    try (Scene scene = new Scene()) {
      int pages = 257;
      ChargedMemory memory = scene.open("cgroup", pages);
      long start = mapping().start();
      for (int page = 0; page < pages; page++) {
        // Mapped here, so that the table of this process has it.
        assertThat(memory.bytes().get(page * PAGE_BYTES)).isZero();
      }
      long group = (long) Files.getAttribute(MemoryGroup.own(), "unix:ino");
      List<Long> groups = new ArrayList<>();
      try (RandomAccessFile frames = new RandomAccessFile("/proc/self/pagemap", "r");
          RandomAccessFile owners = new RandomAccessFile("/proc/kpagecgroup", "r")) {
        for (int page = 0; page < pages; page++) {
          long entry = at(frames, start / PAGE_BYTES + page);
          long frame = entry & (1L << 55) - 1;
          assumeTrue(frame != 0, "needs CAP_SYS_ADMIN to see page frames");
          groups.add(at(owners, frame));
        }
      }
      assertThat(groups).hasSize(pages).containsOnly(group);
      memory.release();
      scene.assertNothingIsLeft();
    }
  }

  private static long at(RandomAccessFile file, long index) throws IOException {
    // In one read: these files know no smaller pieces.
    byte[] entry = new byte[Long.BYTES];
    file.seek(index * Long.BYTES);
    file.readFully(entry);
    return ByteBuffer.wrap(entry).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  private static MapsEntry mapping() {
    return MapsEntry.of((int) ProcessHandle.current().pid()).stream()
        .filter(entry -> entry.name().equals("/memfd:" + GroupMemory.NAME + " (deleted)"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void tellsWhenTheBufferIsCut() throws IOException {
    try (Scene scene = new Scene()) {
      ChargedMemory memory = scene.open("cgroup", 16);
      assertThat(Sys.call(Sys.FTRUNCATE, descriptor(), 4 * PAGE_BYTES)).isZero();
      memory.verify();
      assertThat(scene.drifts).hasSize(accounts.size());
      assertThat(scene.drifts.get(0).account()).isEqualTo(accounts.get(0).toString());
      assertThat(scene.drifts.get(0).predictedPages()).isEqualTo(16);
      assertThat(scene.drifts.get(0).kernelPages()).isEqualTo(4);
      scene.drifts.clear();
      memory.release();
      assertThat(scene.drifts).hasSize(accounts.size());
      assertThat(scene.drifts.get(0).predictedPages()).isEqualTo(-16);
      assertThat(scene.drifts.get(0).kernelPages()).isEqualTo(-4);
      scene.assertNothingIsLeft();
    }
  }

  private static int descriptor() throws IOException {
    try (var descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors) {
        String name = String.valueOf(descriptor.getFileName());
        if (ProcFile.link((int) ProcessHandle.current().pid(), "fd/" + name).contains("bts:")) {
          return Integer.parseInt(name);
        }
      }
    }
    throw new AssertionError("no descriptor of the buffer");
  }

  /** Returns the level with the least room, by the files themselves. */
  private Account tightest() {
    Account tightest = accounts.get(0);
    Path directory = MemoryGroup.own();
    long least = Long.MAX_VALUE;
    for (Account account : accounts) {
      long room =
          Long.parseLong(ProcFile.lines(directory + "/memory.limit_in_bytes").get(0))
              - Long.parseLong(ProcFile.lines(directory + "/memory.usage_in_bytes").get(0));
      if (room < least) {
        least = room;
        tightest = account;
      }
      directory = directory.resolve("..").normalize();
    }
    assumeTrue(least < 1L << 30, "the groups of this test have no limit below 1 GiB");
    return tightest;
  }

  private long free(Account account) {
    return view.limitPages(account, KernelTasks.self()) - view.usedPages(account);
  }

  private static void assertTeaches(ChargeRefusedException refused, Account account, long asked) {
    long limit = new KernelAccounts(false).limitPages(account, KernelTasks.self());
    assertThat(refused)
        .hasMessageContaining("by policy 'cgroup'")
        .hasMessageContaining("memory limit of %s is %d KiB", account.owner(), limit * 4)
        .hasMessageContaining(asked * 4 + " asked")
        .hasMessageContaining("lower --buffer to")
        .hasMessageContaining("or raise the memory limit");
    assertThat(refused.refusal().account()).isEqualTo(account);
    assertThat(refused.refusal().fittingPages()).isPositive().isLessThan(asked);
  }

  @Test
  void theLimitedCounterMovesByTheBuffer() {
    Account tightest = tightest();
    try (Scene scene = new Scene()) {
      long before = view.usedPages(tightest);
      ChargedMemory memory = scene.open("cgroup", PAGES);
      assertMoved(before, view.usedPages(tightest), PAGES, lateness() + JVM_PAGES);
      memory.release();
      assertMoved(before, view.usedPages(tightest), 0, lateness() + JVM_PAGES);
      assertThat(scene.drifts).isEmpty();
    }
  }

  @Test
  void thePolicyRefusesWhatDoesNotFit() {
    Account tightest = tightest();
    try (Scene scene = new Scene()) {
      long before = sharedPages();
      long kills = number("memory.oom_control", "oom_kill ");
      long asked = free(tightest) + JVM_PAGES;
      ChargeRefusedException refused =
          catchThrowableOfType(ChargeRefusedException.class, () -> scene.open("cgroup", asked));
      assertTeaches(refused, tightest, asked);
      assertThat(refused.getMessage()).doesNotContain("the kernel");
      assertThat(number("memory.oom_control", "oom_kill ")).isEqualTo(kills);
      assertMoved(before, sharedPages(), 0, lateness());
      assertThat(scene.drifts).isEmpty();
      scene.assertNothingIsLeft();
    }
  }

  @RepeatedTest(10)
  void aFullGroupKillsTheHelperAlone() {
    Account tightest = tightest();
    try (Scene scene = new Scene()) {
      long before = sharedPages();
      long kills = number("memory.oom_control", "oom_kill ");
      long asked = free(tightest) + PAGES;
      ChargeRefusedException refused =
          catchThrowableOfType(
              ChargeRefusedException.class, () -> scene.open(Scene.unchecked("cgroup"), asked));
      assertTeaches(refused, tightest, asked);
      assertThat(refused).hasMessageContaining("the kernel killed the process that filled it");
      assertThat(number("memory.oom_control", "oom_kill ")).isEqualTo(kills + 1);
      assertThat(scene.helper.call(Sys.GETPID)).isEqualTo(scene.helper.pid());
      // The ledger let it pass: that is a difference between the two, and is said.
      assertThat(scene.drifts).hasSize(1);
      assertThat(scene.drifts.get(0).account()).isEqualTo(tightest.toString());
      assertThat(scene.drifts.get(0).kernelPages()).isZero();
      assertMoved(before, sharedPages(), 0, lateness());
      assertThat(ProcessHandle.current().children().map(ProcessHandle::pid))
          .containsOnly((long) scene.helper.pid());
      scene.assertNothingIsLeft();
      ChargedMemory fits = scene.open("cgroup", 16);
      fits.release();
    }
  }

  @Test
  void theOuterLimitDecidesWhereItIsTheLower() {
    Account tightest = tightest();
    assumeTrue(
        !tightest.equals(accounts.get(0)), "the group that the test runs in has the lower limit");
    AccountOwner.Group outer = ((AccountOwner.Group) accounts.get(0).owner()).parent();
    assertThat(tightest.owner()).isEqualTo(outer);
    assertThat(free(accounts.get(0))).isGreaterThan(free(tightest) + 2 * JVM_PAGES);
  }
}
