package dev.bts.cli.export;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.calls.CallStacks;
import dev.bts.cli.counts.PairTable;
import dev.bts.cli.symbols.AddressSpaces;
import dev.bts.cli.symbols.Location;
import dev.bts.cli.symbols.Place;
import dev.bts.cli.symbols.Symbolizer;
import dev.bts.cli.trace.TraceHeader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * A profile with calls for callgrind_annotate and KCachegrind (valgrind's manual, "Callgrind Format
 * Specification"): the event is the taken branch, at the address of its instruction in the file.
 */
final class CallgrindExport extends TextExport implements CallStacks.Listener {
  private static final String UNKNOWN = "???";

  /** Distinct pairs of one process that are counted before they are named. */
  private static final int PAIRS_MAX = 1 << 20;

  private final AddressSpaces spaces = new AddressSpaces();
  private final Symbolizer symbolizer = new Symbolizer(spaces);
  private final CallStacks stacks = new CallStacks(spaces, symbolizer, this);
  private final TraceHeader header;

  /** Branches that are not yet named, by process: where from. */
  private final Map<Integer, PairTable> taken = new HashMap<>();

  /** Calls that have ended and are not yet named, by process: sites and targets. */
  private final Map<Integer, PairTable> calls = new HashMap<>();

  private final Map<Function, Costs> functions = new TreeMap<>();
  private long total;

  private record Function(String module, String name) implements Comparable<Function> {
    @Override
    public int compareTo(Function other) {
      int byModule = module.compareTo(other.module);
      return byModule == 0 ? name.compareTo(other.name) : byModule;
    }
  }

  private record Call(long site, Function callee, long target) {}

  private static final class Costs {
    private final Map<Long, Long> own = new TreeMap<>();

    /** How often, and with how many branches inside. */
    private final Map<Call, long[]> calls = new HashMap<>();
  }

  CallgrindExport(Path path, TraceHeader header) throws IOException {
    super(path);
    this.header = header;
  }

  @Override
  public void branches(BranchCursor cursor) {
    stacks.branches(cursor);
  }

  @Override
  public void event(SideEvent event) {
    stacks.event(event);
  }

  @Override
  public void taken(int pid, long from) {
    total++;
    count(taken, pid, from, 0, 0);
  }

  @Override
  public void entered(int pid, int tid, long branch, long callSite, long target) {}

  @Override
  public void left(int pid, int tid, long branch, long callSite, long target, long inside) {
    count(calls, pid, callSite, target, inside);
  }

  private void count(Map<Integer, PairTable> tables, int pid, long from, long to, long inside) {
    PairTable table = tables.computeIfAbsent(pid, p -> new PairTable());
    table.add(from, to, 1, inside);
    if (table.size() >= PAIRS_MAX) {
      changing();
    }
  }

  /** Names what was counted. */
  @Override
  public void changing() {
    taken.forEach(
        (pid, table) -> {
          table.forEach(
              (from, unused, count, none) ->
                  costs(pid, from).own.merge(place(pid, from), count, Long::sum));
          table.clear();
        });
    calls.forEach(
        (pid, table) -> {
          table.forEach(
              (site, target, count, inside) -> {
                Call call = new Call(place(pid, site), function(pid, target), place(pid, target));
                long[] sums = costs(pid, site).calls.computeIfAbsent(call, c -> new long[2]);
                sums[0] += count;
                sums[1] += inside;
              });
          table.clear();
        });
  }

  @Override
  public void finish() {
    stacks.finish();
    changing();
    out().text("# callgrind format\nversion: 1\ncreator: ").text(header.writer());
    out().text("\npid: ").decimal(header.pid());
    out().text("\ncmd: ").text(String.join(" ", header.command()).replace('\n', ' '));
    out().text("\npart: 1\n\npositions: instr line\nevents: Bt\n");
    out().text("summary: ").decimal(total).text("\n\n");
    functions.forEach(this::print);
    out().text("\ntotals: ").decimal(total).ascii('\n');
    out().flush();
  }

  private void print(Function function, Costs costs) {
    out().text("ob=").text(function.module).text("\nfl=???\nfn=").text(function.name).ascii('\n');
    costs.own.forEach((address, count) -> line(address, count));
    costs.calls.forEach(
        (call, sums) -> {
          out().text("cob=").text(call.callee.module).text("\ncfi=???\ncfn=");
          out().text(call.callee.name).text("\ncalls=").decimal(sums[0]);
          out().text(" 0x").hex(call.target).text(" 0\n");
          line(call.site, sums[1]);
        });
    out().ascii('\n');
  }

  private void line(long address, long cost) {
    out().text("0x").hex(address).text(" 0 ").decimal(cost).ascii('\n');
  }

  private Costs costs(int pid, long address) {
    return functions.computeIfAbsent(function(pid, address), f -> new Costs());
  }

  private Function function(int pid, long address) {
    Location location = symbolizer.locate(pid, address);
    String module = location.module().isEmpty() ? UNKNOWN : location.module();
    // Readers take functions of one name for one function, whatever file they are in.
    return new Function(
        module,
        location.function().isEmpty()
            ? UNKNOWN + " in " + (location.module().isEmpty() ? UNKNOWN : location.moduleName())
            : location.function());
  }

  private long place(int pid, long address) {
    Place place = symbolizer.place(pid, address);
    return place == null ? address : place.address();
  }
}
