package dev.bts.cli;

import dev.bts.api.BranchTracers;
import dev.bts.api.BtsException;
import dev.bts.api.BufferInventory;
import dev.bts.api.BufferInventory.Reclaimed;
import dev.bts.api.LiveBuffer;
import dev.bts.cli.text.TextOutput;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bts reclaim}: frees the buffers that dead tracers have left. */
@Command(
    name = ReclaimCommand.NAME,
    mixinStandardHelpOptions = true,
    description =
        "Frees the branch buffers that dead tracers have left in processes, and says who was"
            + " refunded. The processes go on undisturbed; buffers in use are never touched.",
    sortOptions = false,
    exitCodeListHeading = "Exit status:%n",
    exitCodeList = {
      "0:done, or there was nothing to do",
      "1:something was refused",
      "2:wrong usage"
    },
    footer = {
      "",
      "Examples:",
      "  bts accounts                      which buffers are orphans",
      "  bts reclaim --pid 1234            those in one process",
      "  bts reclaim --all                 all that you may free; the same without --all"
    })
final class ReclaimCommand implements Callable<Integer>, Verb {
  static final String NAME = "reclaim";

  private final Console console;

  @ArgGroup private @Nullable Which which;

  @Option(names = "--backend", hidden = true, defaultValue = "kernel")
  private String backend = "kernel";

  /** Creates the verb. */
  ReclaimCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    BufferInventory inventory = BranchTracers.named(backend).inventory();
    Which asked = which;
    try (TextOutput out = new TextOutput(console.out())) {
      if (asked != null && asked.pid != null) {
        tell(out, inventory.reclaim(asked.pid), "process " + asked.pid + " has no orphan");
        return ExitCode.OK;
      }
      return all(inventory, out);
    }
  }

  private int all(BufferInventory inventory, TextOutput out) {
    Set<Integer> pids = new TreeSet<>();
    BufferInventory.Listing listing = inventory.list();
    int status = ExitCode.OK;
    for (LiveBuffer buffer : listing.buffers()) {
      if (buffer.owner() == LiveBuffer.Owner.DEAD) {
        pids.add(buffer.pid());
      } else if (buffer.owner() == LiveBuffer.Owner.UNKNOWN) {
        status = ExitCode.FAILURE;
        complain(
            "left the "
                + buffer.policy()
                + " buffer in process "
                + buffer.pid()
                + " alone: whether its owner lives is unknown: "
                + buffer.ownerReason());
      }
    }
    if (pids.isEmpty()) {
      out.text("no orphan\n");
    }
    for (int pid : pids) {
      try {
        tell(out, inventory.reclaim(pid), "process " + pid + " has no orphan any more");
      } catch (BtsException refused) {
        status = ExitCode.FAILURE;
        complain(String.valueOf(refused.getMessage()));
      }
    }
    AccountsCommand.sayHidden(console, listing);
    return status;
  }

  private void complain(String what) {
    console.err().println("bts: " + Plain.text(what));
  }

  private static void tell(TextOutput out, List<Reclaimed> reclaimed, String nothing) {
    if (reclaimed.isEmpty()) {
      out.text(nothing).ascii('\n');
    }
    for (Reclaimed each : reclaimed) {
      out.text(
              Plain.text(
                  "freed the "
                      + each.buffer().policy()
                      + " buffer of "
                      + Plain.count(each.buffer().pages(), "page", "pages")
                      + " in process "
                      + each.pid()
                      + ": VmLck went from "
                      + each.lockedBefore()
                      + " to "
                      + each.lockedAfter()
                      + " pages, "
                      + (each.lockedBefore() - each.lockedAfter())
                      + " refunded to pid "
                      + each.pid()))
          .ascii('\n');
    }
  }

  /** Which orphans are freed. */
  static final class Which {
    @Option(
        names = {"-p", "--pid"},
        paramLabel = "PID",
        required = true,
        description = "Those in this process.")
    private @Nullable Integer pid;

    @Option(
        names = "--all",
        required = true,
        description = "Those in all processes that you may look at. The default.")
    @SuppressWarnings("UnusedVariable") // Left out, it means the same; it excludes --pid.
    private boolean all;

    Which() {}
  }
}
