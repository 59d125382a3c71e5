package dev.bts.kernel.memory;

import dev.bts.api.ChargeRefusedException;
import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.KernelException;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Refusal;
import dev.bts.kernel.helper.HelperProcess;
import dev.bts.kernel.sys.Descriptors;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.FileStatus;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.NativeBuffer;
import dev.bts.kernel.sys.Sys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.OptionalLong;

/**
 * A memfd that a helper has filled: the kernel charges its pages to the helper's memory control
 * group, which is this process's own, and to the groups above.
 *
 * <p>In a full group the kernel answers no errno but kills: the process with the highest
 * oom_score_adj. The helper takes the highest there is, so it dies, and its memfd with it, and the
 * tracer and its tracees live.
 */
final class FilledMemfd implements AutoCloseable {
  /** OOM_SCORE_ADJ_MAX (linux/oom.h): killed before all others. */
  private static final String FIRST_TO_BE_KILLED = "1000";

  private final int descriptor;

  private FilledMemfd(int descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * Creates and fills.
   *
   * @throws ChargeRefusedException if the group, or one above it, is full
   * @throws InvalidRequestException if a full group would take the tracer with it
   * @throws KernelException if the kernel refuses for another reason; in all cases nothing is left
   */
  static FilledMemfd create(PageOrder order, MemoryController controller, String name) {
    requireSingleDeaths(order, controller);
    try (HelperProcess helper = HelperProcess.start()) {
      letItBeKilledFirst(helper.pid());
      requireSameGroup(order, helper.pid());
      HelperCalls calls = new HelperCalls(helper);
      byte[] text = name.getBytes(StandardCharsets.UTF_8);
      long argument = calls.argument(Arrays.copyOf(text, text.length + 1));
      int there =
          (int)
              Errno.check(
                  helper.call(Sys.MEMFD_CREATE, argument, Mapping.MFD_CLOEXEC),
                  "create a memfd in a helper process");
      fill(order, controller, helper, there);
      return new FilledMemfd(open(helper.pid(), there));
    }
  }

  /**
   * Fills one that this process has open, so that the group is charged for it.
   *
   * @param open a descriptor, which stays the caller's
   * @throws ChargeRefusedException if the group, or one above it, is full
   * @throws InvalidRequestException if a full group would take the tracer with it
   * @throws KernelException if the kernel refuses for another reason
   */
  static FilledMemfd fill(PageOrder order, MemoryController controller, int open) {
    requireSingleDeaths(order, controller);
    int self = (int) ProcessHandle.current().pid();
    try (HelperProcess helper = HelperProcess.start()) {
      letItBeKilledFirst(helper.pid());
      requireSameGroup(order, helper.pid());
      String path = "/proc/" + self + "/fd/" + open;
      byte[] text = path.getBytes(StandardCharsets.UTF_8);
      long argument = new HelperCalls(helper).argument(Arrays.copyOf(text, text.length + 1));
      int flags = Descriptors.O_RDWR | Descriptors.O_CLOEXEC;
      int there =
          (int)
              Errno.check(helper.call(Sys.OPEN, argument, flags), "open " + path + " in a helper");
      fill(order, controller, helper, there);
    }
    return new FilledMemfd(open(self, open));
  }

  private static void requireSingleDeaths(PageOrder order, MemoryController controller) {
    for (AccountOwner.Group level : order.payer().group().levels()) {
      if (controller.diesAsAWhole(level)) {
        throw wouldDieAsAWhole(order, level);
      }
    }
  }

  private static void letItBeKilledFirst(int pid) {
    try {
      Files.writeString(Path.of("/proc/" + pid + "/oom_score_adj"), FIRST_TO_BE_KILLED);
    } catch (IOException e) {
      throw new KernelException(
          new Explanation(
              "let the kernel kill helper process " + pid + " before others in a full group",
              e.toString(),
              "choose --charge tracer"),
          0,
          e);
    }
  }

  /** A tracer that is moved between plan and charge makes another group pay than was asked. */
  private static void requireSameGroup(PageOrder order, int pid) {
    AccountOwner.Group actual = KernelTasks.identify(pid).group();
    if (!actual.equals(order.payer().group())) {
      throw new KernelException(
          new Explanation(
              "charge " + order.payer().group(),
              "the tracer has been moved to " + actual + ", which the kernel would charge",
              "open the session again"),
          0);
    }
  }

  private static void fill(
      PageOrder order, MemoryController controller, HelperProcess helper, int there) {
    AccountOwner.Group group = order.payer().group();
    // While the helper lives, so that what it needs itself is among what is used.
    Refusal ifFull = ifFull(order);
    OptionalLong before = controller.oomKills(group);
    long answer;
    try {
      answer = helper.call(Sys.FALLOCATE, there, 0, 0, order.bytes());
    } catch (KernelException ended) {
      if (controller.oomKills(group).equals(before)) {
        throw ended;
      }
      ChargeRefusedException refused =
          new ChargeRefusedException(
              ifFull.withReason(reason(ifFull, "the kernel killed the process that filled it")));
      refused.addSuppressed(ended);
      throw refused;
    }
    if (answer == -Errno.ENOMEM) {
      throw new ChargeRefusedException(
          ifFull.withReason(reason(ifFull, "the kernel answered ENOMEM")));
    }
    Errno.check(answer, "fill a memfd of " + order.bytes() + " bytes in a helper process");
  }

  private static String reason(Refusal refusal, String answer) {
    return refusal.reason().isEmpty() ? answer : answer + ", and " + refusal.reason();
  }

  /** Returns what to say if the kernel finds a group full: the one with the least room. */
  private static Refusal ifFull(PageOrder order) {
    Level tightest =
        order.payer().group().levels().stream()
            .map(level -> Level.of(order, Account.groupMemory(level)))
            .filter(level -> level.limit != AccountView.UNLIMITED)
            .min(Comparator.comparingLong(Level::free))
            .orElse(null);
    return tightest == null ? noVisibleLimit(order) : tightest.refusal(order);
  }

  private static Refusal noVisibleLimit(PageOrder order) {
    return Refusal.because(
        order.policy(),
        order.pages(),
        "no group that can be seen from here has a limit",
        "raise the limit of the group above, lower --buffer, or choose --charge tracer");
  }

  /** A group's numbers before the memfd is filled. */
  private record Level(Account account, long used, long limit) {
    static Level of(PageOrder order, Account account) {
      return new Level(
          account,
          order.accounts().usedPages(account),
          order.accounts().limitPages(account, order.payer()));
    }

    long free() {
      return Math.max(0, limit - used);
    }

    Refusal refusal(PageOrder order) {
      long fitting = Math.min(free(), order.pages() - 1);
      return Refusal.overLimit(order.policy(), account, order.pages(), used, limit, fitting);
    }
  }

  private static int open(int pid, int number) {
    String path = "/proc/" + pid + "/fd/" + number;
    try (NativeBuffer text = NativeBuffer.string(path)) {
      int flags = Descriptors.O_RDWR | Descriptors.O_CLOEXEC;
      return (int) Errno.check(Sys.call(Sys.OPEN, text.address(), flags), "open " + path);
    }
  }

  private static InvalidRequestException wouldDieAsAWhole(
      PageOrder order, AccountOwner.Group level) {
    return new InvalidRequestException(
        new Explanation(
            "charge " + order.pages() + " pages by policy '" + order.policy() + "'",
            "memory.oom.group of "
                + level
                + " is 1: if it were full, the kernel would not kill the helper that fills the"
                + " buffer alone, but tracer and tracee as well",
            "write 0 to its memory.oom.group, or choose --charge tracer"));
  }

  /** Returns the descriptor, in this process. */
  int descriptor() {
    return descriptor;
  }

  /** Returns how many pages it has, in memory or in swap: those that the group is charged for. */
  long pages() {
    try (NativeBuffer status = new NativeBuffer(FileStatus.BYTES)) {
      Errno.check(Sys.call(Sys.FSTAT, descriptor, status.address()), "look at a memfd");
      return status.bytes().getLong(FileStatus.BLOCKS_OFFSET)
          * FileStatus.BLOCK_BYTES
          / Mapping.PAGE_BYTES;
    }
  }

  /** Gives all its pages back, whoever else may hold it. */
  void empty() {
    Errno.check(Sys.call(Sys.FTRUNCATE, descriptor, 0), "empty a memfd");
  }

  /** Gives all its pages back and leaves its size, which may be sealed. */
  void punch(long bytes) {
    int mode = Descriptors.FALLOC_FL_KEEP_SIZE | Descriptors.FALLOC_FL_PUNCH_HOLE;
    Errno.check(Sys.call(Sys.FALLOCATE, descriptor, mode, 0, bytes), "empty a memfd");
  }

  @Override
  public void close() {
    Descriptors.close(descriptor);
  }
}
