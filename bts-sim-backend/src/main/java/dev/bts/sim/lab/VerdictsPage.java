package dev.bts.sim.lab;

import dev.bts.accounting.Policies;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Principal;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.sim.rules.Bounds;
import dev.bts.sim.rules.Catalogue;
import dev.bts.sim.rules.CatalogueRow;
import dev.bts.sim.rules.Event;
import dev.bts.sim.rules.Generations;
import dev.bts.sim.rules.Invariant;
import dev.bts.sim.rules.PolicyRules;
import dev.bts.sim.rules.RuleBook;
import dev.bts.sim.rules.Rules;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The page docs/verdicts.md: what was looked at, and what was found, policy by policy, kernel by
 * kernel, bug by bug. The same code makes the same page.
 */
public final class VerdictsPage {
  /** The most states that are looked at for one cell of a table whose rules break something. */
  private static final long CELL_STATES = 8_000;

  private static final int CELL_DEPTH = 8;

  private final Consumer<String> announcer;
  private final int threads;
  private final List<String> lines = new ArrayList<>();

  private VerdictsPage(int threads, Consumer<String> announcer) {
    this.threads = threads;
    this.announcer = announcer;
  }

  /**
   * Explores everything, and returns the page.
   *
   * @param threads how many threads explore; the page does not depend on it
   * @param announcer is told what is being explored
   */
  public static String make(int threads, Consumer<String> announcer) {
    VerdictsPage page = new VerdictsPage(threads, announcer);
    page.introduce();
    page.policies();
    page.events();
    page.generations();
    page.catalogue();
    page.limits();
    return String.join("\n", page.lines) + "\n";
  }

  /** The machine that a policy is looked at on: two users, or two groups if it charges those. */
  public static Bounds boundsFor(ChargingPolicy policy) {
    Bounds bounds = Bounds.SMALL.withActors(3, 2);
    AccountOwner.AddressSpace mm = new AccountOwner.AddressSpace(1, 0);
    TaskIdentity task =
        new TaskIdentity(mm, new Principal(0, 1000), new AccountOwner.Group("/g/g"));
    ChargePlan plan = policy.plan(new ChargeRequest(task, task, 1, false), AccountView.BOUNDLESS);
    boolean groups =
        plan instanceof ChargePlan.Admitted admitted
            && admitted.charges().stream()
                .anyMatch(charge -> charge.account().kind() == Account.Kind.GROUP_MEMORY);
    return groups ? bounds.withActors(3, 1).withGroups(2) : bounds;
  }

  private void say(String... text) {
    lines.addAll(List.of(text));
  }

  private Exploration explore(Search search) {
    announcer.accept(search.rules().name());
    return Explorer.explore(search.withThreads(threads));
  }

  private void introduce() {
    say(
        "# Verdicts",
        "",
        "In 2008 the author of the Branch Trace Store patches asked whom the memory of a trace"
            + " should",
        "be charged to. This page says which answers hold. It is made by `bts lab verdicts`, and a",
        "test compares it with what the command makes; nothing in it is written by hand.",
        "",
        "A small machine is looked at completely: all interleavings of all operations that tasks"
            + " can",
        "make, breadth first, so that each counterexample is a shortest one. \"Holds\" means: in"
            + " every",
        "state that can be reached within the bounds. It is a proof for the bounds and no more;"
            + " that",
        "accounting bugs show in small machines is experience, not a theorem. The policies are the",
        "objects that bts ships. Kernels are modelled by their accounting (`dev.bts.sim.rules`).",
        "",
        "## What must be true",
        "");
    for (Invariant invariant : Invariant.values()) {
      say(invariant.number() + ". " + capitalised(invariant.text()) + ".");
    }
    say(
        "",
        "1 and 2 are checked in every state, and so are 4 and 6. 3, 5 and 7 are checked in every",
        "step that asks for memory. Limits are compared unsigned, as kernels compare them, so that"
            + " a",
        "counter below zero shows its consequence. An address space that nobody has any more is no",
        "payer: what is charged to it alone is charged to nobody. 7 asks a policy again whether it",
        "would admit a request if only live buffers of the same kind were charged.",
        "");
  }

  private static String capitalised(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }

  private void policies() {
    say(
        "## The policies of bts",
        "",
        "Sessions reserve, commit, cancel, free, detach, adopt, hand over and reclaim, while tasks",
        "fork, clone, execute, change user and group, lock pages of their own, have their limits",
        "lowered, and are killed at any moment, tracer or tracee, between any two steps; control",
        "groups are removed with what is charged to them. Processes have a ledger each, which dies",
        "with them.",
        "");
    tableHead("policy");
    List<Exploration> broken = new ArrayList<>();
    for (ChargingPolicy policy : Policies.builtIn()) {
      row(Search.of(PolicyRules.of(policy), boundsFor(policy)), broken);
    }
    ChargingPolicy user = Policies.named("user");
    Rules inNamespaces =
        PolicyRules.of(user).named("user, with user namespaces", "bts with the policy 'user'");
    Bounds bounds = Bounds.SMALL.withActors(2, 1).withNamespaces(1);
    row(Search.of(inNamespaces, bounds), broken);
    say(
        "",
        "`user` needs an assumption: that its users cannot make user namespaces. In a namespace"
            + " the",
        "same user has another counter, and the kernel compares the one outside with nothing that",
        "holds it (row 41 below).",
        "");
    broken.forEach(this::counterexample);
  }

  private void events() {
    say(
        "### With more that can happen",
        "",
        "Events that multiply states are there for machines that ask for them (`--events`):",
        "`two-steps`, of an exec and of an exit, with prlimit and all else in between; `traceme`,"
            + " a",
        "child that asks to be traced by whoever its parent is by now; `clone-vm`, a process in"
            + " the",
        "address space of another; `hotplug`, a CPU that goes with half of perf's gift, and comes",
        "back. Here each is looked at on a smaller machine, and all together on a still smaller"
            + " one;",
        "`bts lab check` takes larger ones.",
        "");
    tableHead("policy");
    List<Exploration> broken = new ArrayList<>();
    for (ChargingPolicy policy : Policies.builtIn()) {
      Rules rules = PolicyRules.of(policy);
      Bounds bounds = boundsFor(policy);
      Bounds two = bounds.withActors(2, bounds.users()).withBuffers(2, 1);
      for (Event event : Event.values()) {
        row(Search.of(rules, two.withEvents(Set.of(event))), broken);
      }
      Set<Event> all = EnumSet.allOf(Event.class);
      row(Search.of(rules, two.withBuffers(1, 1).withEvents(all)), broken);
    }
    say(
        "",
        "With `clone-vm`, what a session cannot unmap any more, because it lies in an address space"
            + " that",
        "lives on in a process that is not traced, stays locked and charged, and is found there. A",
        "ledger's reservations for one address space are taken together there, whichever process",
        "names it; the ledger of bts takes those of each process by themselves, and the kernel has",
        "the last word.",
        "");
    broken.forEach(this::counterexample);
  }

  private void tableHead(String subject) {
    say(
        "| " + subject + " | " + invariantNumbers() + " | states | steps | depth | machine |",
        "|---|" + "---|".repeat(Invariant.values().length) + "---|---|---|---|");
  }

  private static String invariantNumbers() {
    List<String> numbers = new ArrayList<>();
    for (Invariant invariant : Invariant.values()) {
      numbers.add(Integer.toString(invariant.number()));
    }
    return String.join(" | ", numbers);
  }

  /** One line of a table of rules and invariants. */
  private void row(Search search, List<Exploration> broken) {
    Exploration all = explore(search);
    StringBuilder row = new StringBuilder("| `" + search.rules().name() + "` |");
    if (all.verdict() == Exploration.Verdict.HOLDS) {
      row.append(" holds |".repeat(Invariant.values().length));
    } else {
      broken.add(all);
      for (Invariant invariant : Invariant.values()) {
        row.append(' ').append(cell(search, invariant)).append(" |");
      }
    }
    say(
        row
            + " "
            + all.states()
            + " | "
            + all.transitions()
            + " | "
            + all.depth()
            + " | `"
            + search.bounds()
            + "` |");
  }

  /** One invariant alone; steps that break others are followed. */
  private String cell(Search search, Invariant invariant) {
    Exploration found = explore(search.watching(invariant.bit()).limited(CELL_DEPTH, CELL_STATES));
    return switch (found.verdict()) {
      case HOLDS -> "holds";
      case BROKEN -> "**" + steps(Objects.requireNonNull(found.counterexample())) + "**";
      case PARTIAL -> "not found";
    };
  }

  private void counterexample(Exploration found) {
    Counterexample counterexample = Objects.requireNonNull(found.counterexample());
    String name = counterexample.rules().name();
    say("`" + name + "` is broken in " + steps(counterexample) + ":", "", "```");
    lines.addAll(counterexample.steps());
    say("```", "");
  }

  private void generations() {
    say(
        "## Kernels",
        "",
        "A number of steps is that of a shortest counterexample to this invariant alone, for which",
        "steps that break others are followed; \"not found\" means not within "
            + CELL_DEPTH
            + " steps or",
        CELL_STATES + " states. States and steps are those until the first invariant broke.",
        "");
    tableHead("rules");
    List<Exploration> broken = new ArrayList<>();
    for (RuleBook.Entry entry : Generations.all()) {
      row(Search.of(entry.rules(), entry.bounds()), broken);
    }
    say("");
    for (RuleBook.Entry entry : Generations.all()) {
      say("* `" + entry.rules().name() + "`: " + entry.rules().summary() + ".");
    }
    say("", "### A shortest counterexample to each", "");
    broken.forEach(this::counterexample);
  }

  private void catalogue() {
    say(
        "## The catalogue of bugs",
        "",
        "Each bug was really made. `row-N` are rules with it and `row-N-fixed` rules without it,",
        "which differ in the one choice that is named. The explorer is given actors and bounds,"
            + " and",
        "no steps. The steps are those of a shortest counterexample to what the bug is about.",
        "",
        "| row | bug | with it and without it | found in | invariant | states of the fix, all hold"
            + " |",
        "|---|---|---|---|---|---|");
    List<CatalogueRow> incomplete = new ArrayList<>();
    for (CatalogueRow row : Catalogue.rows()) {
      Exploration bug = explore(Search.of(row.buggy(), row.bounds()).watching(row.effect()));
      Exploration fix = explore(Search.of(row.fixed(), row.bounds()));
      say(
          "| "
              + row.number()
              + " | "
              + row.bug()
              + " | "
              + row.difference()
              + " | "
              + found(bug)
              + " | "
              + (fix.verdict() == Exploration.Verdict.HOLDS
                  ? Long.toString(fix.states())
                  : "**" + fix.sentence() + "**")
              + " |");
      if (!row.skeleton().isEmpty()) {
        incomplete.add(row);
      }
    }
    say("", "What the model of a row leaves out:", "");
    incomplete.forEach(row -> say("* row " + row.number() + ": " + row.skeleton() + ";"));
    say("* all rows: whatever moves no counter.", "");
  }

  private static String found(Exploration bug) {
    Counterexample counterexample = bug.counterexample();
    if (counterexample == null) {
      return "**not found** | -";
    }
    List<String> numbers = new ArrayList<>();
    counterexample.broken().forEach(broken -> numbers.add(Integer.toString(broken.number())));
    return steps(counterexample) + " | " + String.join(", ", numbers);
  }

  private static String steps(Counterexample counterexample) {
    int steps = counterexample.operations().size();
    return steps + (steps == 1 ? " step" : " steps");
  }

  private void limits() {
    say(
        "## What this does not say",
        "",
        "* Bounds are small: see each row's machine. `bts lab check` takes larger ones.",
        "* States that differ only in the numbers of tasks, address spaces, users and buffers are",
        "  looked at once. That supposes that a policy treats equals equally, which every policy"
            + " does",
        "  that knows its payers from the request alone; `--no-symmetry` supposes nothing.",
        "* Real sizes are multiples of pages and limits are large; here a limit is a few pages. A",
        "  mistake that needs a large number, an overflow, is not found.",
        "* In the model a session's kernel admits what the counters allow. That real kernels do,"
            + " and",
        "  that the ledger's prediction is the kernel's charge, is what the tests on real"
            + " processes",
        "  show ([lifecycle.md](lifecycle.md)).",
        "* A tracee that unlocks its own buffer, and a process of the same user that unlocks a",
        "  segment, are drift, which sessions report; the model has neither. It has no vfork: with",
        "  `clone-vm` the parent runs on.");
  }
}
