package dev.bts.cli;

import dev.bts.api.BranchTracers;
import dev.bts.api.BufferInventory;
import dev.bts.api.LiveBuffer;
import dev.bts.cli.text.TextOutput;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bts accounts}: the branch buffers of all sessions on this machine. */
@Command(
    name = AccountsCommand.NAME,
    mixinStandardHelpOptions = true,
    description =
        "Lists every branch buffer on this machine that you may look at: who pays for it, how much"
            + " of it is locked, and whether its owner lives.",
    sortOptions = false,
    footer = {
      "",
      "An orphan is a buffer whose owner is dead; 'bts reclaim' frees it.",
      "",
      "Examples:",
      "  bts accounts",
      "  bts accounts --json | jq '.[] | select(.owner_alive == false) | .pid'",
      "  bts accounts --watch              again whenever something changes, until Ctrl-C"
    })
final class AccountsCommand implements Callable<Integer>, Verb {
  static final String NAME = "accounts";

  private static final int SIGINT = 2;
  private static final String[] TITLES = {"PID", "POLICY", "PAGES", "LOCKED", "PAYER", "OWNER"};

  private final Console console;

  @Option(names = "--json", description = "Print JSON: an array of objects.")
  private boolean json;

  @Option(
      names = "--watch",
      description = "Look every second and print what has changed, until Ctrl-C.")
  private boolean watch;

  @Option(names = "--backend", hidden = true, defaultValue = "kernel")
  private String backend = "kernel";

  /** Creates the verb. */
  AccountsCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    BufferInventory inventory = BranchTracers.named(backend).inventory();
    if (!watch) {
      print(inventory.list());
      return ExitCode.OK;
    }
    BlockingQueue<Integer> stops = new LinkedBlockingQueue<>();
    StopSignals signals = new StopSignals(true, stops::add);
    try {
      return watch(inventory, stops);
    } finally {
      signals.close();
    }
  }

  private int watch(BufferInventory inventory, BlockingQueue<Integer> stops)
      throws InterruptedException {
    BufferInventory.@Nullable Listing last = null;
    Integer stop = null;
    while (stop == null) {
      BufferInventory.Listing now = inventory.list();
      // Other processes come and go all the time: those alone are no news.
      if (last == null || !now.buffers().equals(last.buffers())) {
        print(now);
        last = now;
      }
      stop = stops.poll(1, TimeUnit.SECONDS);
    }
    return stop == SIGINT ? ExitCode.OK : ExitCode.SIGNAL_BASE + stop;
  }

  private void print(BufferInventory.Listing listing) {
    if (json) {
      Json.print(console.out(), listing.buffers().stream().map(AccountsCommand::tree).toList());
    } else {
      try (TextOutput out = new TextOutput(console.out())) {
        table(out, listing.buffers());
      }
    }
    sayHidden(console, listing);
  }

  /** Says that there may be more than was found. */
  static void sayHidden(Console console, BufferInventory.Listing listing) {
    if (listing.hiddenProcesses() > 0) {
      console
          .err()
          .println(
              "bts: "
                  + Plain.count(listing.hiddenProcesses(), "process", "processes")
                  + " could not be looked at (another user's, or protected) and may have more");
    }
  }

  private static void table(TextOutput out, List<LiveBuffer> buffers) {
    if (buffers.isEmpty()) {
      out.text("no branch buffer\n");
      return;
    }
    List<String[]> rows = new ArrayList<>();
    rows.add(TITLES);
    buffers.forEach(buffer -> rows.add(row(buffer)));
    int[] widths = new int[TITLES.length];
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    for (int i = 0; i < rows.size(); i++) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < TITLES.length; column++) {
        String cell = rows.get(i)[column];
        line.append(cell).append(" ".repeat(widths[column] - cell.length() + 2));
      }
      out.text(Plain.text(line.toString().stripTrailing())).ascii('\n');
      if (i > 0) {
        for (String remark : buffers.get(i - 1).remarks()) {
          out.text(Plain.text("  note: " + remark)).ascii('\n');
        }
      }
    }
  }

  private static String[] row(LiveBuffer buffer) {
    return new String[] {
      String.valueOf(buffer.pid()),
      buffer.policy(),
      String.valueOf(buffer.pages()),
      buffer.lockedPages().isPresent()
          ? String.valueOf(buffer.lockedPages().getAsLong())
          : "unknown",
      buffer.payer().map(Object::toString).orElse("unknown"),
      switch (buffer.owner()) {
            case ALIVE -> "alive: ";
            case DEAD -> "dead: ";
            case UNKNOWN -> "unknown: ";
          }
          + buffer.ownerReason()
    };
  }

  private static Map<String, @Nullable Object> tree(LiveBuffer buffer) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("pid", buffer.pid());
    tree.put("policy", buffer.policy());
    tree.put("pages", buffer.pages());
    tree.put("locked_pages", number(buffer.lockedPages()));
    tree.put("payer", buffer.payer().map(Object::toString).orElse(null));
    tree.put(
        "owner_alive",
        buffer.owner() == LiveBuffer.Owner.UNKNOWN
            ? null
            : buffer.owner() == LiveBuffer.Owner.ALIVE);
    tree.put("owner_reason", buffer.ownerReason());
    tree.put("owner_pid", buffer.ownerPid() == 0 ? null : buffer.ownerPid());
    tree.put("tracee", buffer.tracee() == 0 ? null : buffer.tracee());
    tree.put("mapped_by", buffer.mappedBy());
    tree.put("remarks", buffer.remarks());
    return tree;
  }

  private static @Nullable Long number(OptionalLong value) {
    return value.isPresent() ? value.getAsLong() : null;
  }
}
