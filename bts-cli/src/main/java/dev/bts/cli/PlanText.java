package dev.bts.cli;

import dev.bts.accounting.plan.AccountUse;
import dev.bts.accounting.plan.PolicyPlan;
import dev.bts.accounting.plan.Verdict;
import dev.bts.api.BufferSpec;
import dev.bts.api.Explanation;
import dev.bts.api.plan.PlanRequest;
import dev.bts.api.plan.Prospect;
import dev.bts.cli.text.TextOutput;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A plan as text: the policies side by side, then each one's accounts, then what was assumed. */
final class PlanText {
  private static final long KIB = 1024;
  private static final long MAX_PAGES = BufferSpec.MAX_BYTES / BufferSpec.PAGE_BYTES;

  private final TextOutput out;

  PlanText(TextOutput out) {
    this.out = out;
  }

  void print(
      PlanRequest request, Prospect prospect, List<PolicyPlan> plans, @Nullable String chosen) {
    line(
        prospect.mechanism()
            + ", "
            + Plain.count(request.processes(), "process", "processes")
            + ", "
            + Plain.count(request.threads(), "thread", "threads")
            + (prospect.mechanism().recordsIntoPerfRing()
                ? ", a buffer of 2^n pages for each thread"
                : ", a buffer for each payer"));
    if (prospect.unavailable() != null) {
      explain("", prospect.unavailable());
    }
    line("");
    row("policy", "verdict", "buffers", "each", "largest", "who pays");
    for (PolicyPlan plan : plans) {
      boolean impossible = plan.verdict() == Verdict.IMPOSSIBLE;
      row(
          plan.policy() + (plan.policy().equals(chosen) ? " *" : ""),
          plan.verdict().label(),
          impossible ? "-" : buffers(plan),
          kib(plan.bufferPages()),
          impossible ? "-" : largest(plan),
          impossible ? "-" : payers(plan));
    }
    for (PolicyPlan plan : plans) {
      details(plan);
    }
    if (!prospect.assumptions().isEmpty()) {
      line("");
      line("Assumed");
      prospect.assumptions().forEach(assumption -> line("  " + assumption));
    }
  }

  private void details(PolicyPlan plan) {
    line("");
    line(plan.policy());
    plan.accounts().forEach(use -> line("  " + account(use)));
    plan.liftedBy().forEach(lifter -> line("  beyond the limit, which " + lifter + " lifts"));
    if (plan.liftedBy().isEmpty()) {
      plan.largestLiftedBy()
          .forEach(lifter -> line("  the largest is beyond the limit, which " + lifter + " lifts"));
    }
    plan.reasons().forEach(reason -> explain("  ", reason));
    translation(plan.translation());
    if (plan.verdict() == Verdict.REFUSED && plan.largestPages() > 0) {
      line("  → --buffer " + kib(plan.largestPages()) + " is the largest that fits");
    }
  }

  private void translation(PolicyPlan.Translation translation) {
    int stepped = translation.processes() - translation.granted();
    if (translation.granted() > 0) {
      line(
          "  of that for translated code "
              + (translation.granted() > 1 ? translation.granted() + " times " : "")
              + Plain.count(translation.pages(), "page", "pages")
              + " at least: more as a process runs more code");
    }
    if (translation.refusal() != null) {
      line(
          "  "
              + Plain.count(stepped, "process", "processes")
              + " single-stepped, for want of memory for translated code:");
      explain("    ", translation.refusal());
    }
  }

  private void explain(String indent, Explanation why) {
    line(indent + why.asked() + ": " + why.obstacle());
    if (!why.remedy().isEmpty()) {
      line(indent + "→ " + why.remedy());
    }
  }

  private static String account(AccountUse use) {
    String used =
        use.usedUnknown() == null
            ? Plain.count(use.usedPages(), "page", "pages") + " in use"
            : "use unknown (" + use.usedUnknown().obstacle() + ")";
    String limit =
        use.isUnlimited()
            ? "unlimited"
            : use.limitUnknown() == null
                ? "is " + use.limitPages() + " pages"
                : "unknown (" + use.limitUnknown().obstacle() + ")";
    return (use.accounts() > 1 ? use.accounts() + " times " : "")
        + use.account().kind().counter()
        + " of "
        + use.payer()
        + ": "
        + used
        + ", "
        + use.account().kind().limit()
        + " "
        + limit
        + ", +"
        + use.chargedPages();
  }

  private static String buffers(PolicyPlan plan) {
    return plan.granted() == plan.buffers()
        ? String.valueOf(plan.buffers())
        : plan.granted() + " of " + plan.buffers();
  }

  private static String largest(PolicyPlan plan) {
    boolean known = plan.verdict() != Verdict.UNKNOWN;
    if (plan.largestPages() == MAX_PAGES) {
      return known ? "2G less 4K" : "unknown";
    }
    return (known ? "" : "at most ") + kib(plan.largestPages());
  }

  private static String payers(PolicyPlan plan) {
    return plan.accounts().stream()
        .map(use -> (use.accounts() > 1 ? use.accounts() + " times " : "") + use.payer())
        .distinct()
        .reduce((one, other) -> one + ", " + other)
        .orElse("nobody");
  }

  /** A size as --buffer takes it. */
  private static String kib(long pages) {
    long kib = pages * (BufferSpec.PAGE_BYTES / KIB);
    return kib > 0 && kib % KIB == 0 ? kib / KIB + "M" : kib + "K";
  }

  private void row(Object... cells) {
    line(String.format(Locale.ROOT, "%-10s %-13s %-9s %-10s %-12s %s", cells).stripTrailing());
  }

  private void line(String text) {
    out.text(Plain.text(text)).ascii('\n');
  }
}
