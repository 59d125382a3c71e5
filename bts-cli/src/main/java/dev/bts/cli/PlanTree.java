package dev.bts.cli;

import dev.bts.accounting.plan.AccountUse;
import dev.bts.accounting.plan.PolicyPlan;
import dev.bts.accounting.plan.Verdict;
import dev.bts.api.BufferSpec;
import dev.bts.api.Explanation;
import dev.bts.api.plan.PlanRequest;
import dev.bts.api.plan.Prospect;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A plan as a tree for {@link Json}. What is not known, or has no limit, is null. */
final class PlanTree {
  private PlanTree() {}

  static Map<String, @Nullable Object> of(
      PlanRequest request,
      Prospect prospect,
      List<PolicyPlan> plans,
      @Nullable String chosen,
      boolean fits) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("fits", fits);
    tree.put("charge", chosen);
    tree.put("mechanism", prospect.mechanism().label());
    tree.put("unavailable", tree(prospect.unavailable()));
    tree.put("processes", request.processes());
    tree.put("threads", request.threads());
    tree.put("strict", request.strict());
    tree.put("policies", plans.stream().map(PlanTree::tree).toList());
    tree.put("assumptions", prospect.assumptions());
    return tree;
  }

  private static Map<String, @Nullable Object> tree(PolicyPlan plan) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("policy", plan.policy());
    tree.put("verdict", plan.verdict().label());
    tree.put("fits", plan.verdict() == Verdict.FITS);
    tree.put("buffer_pages", plan.bufferPages());
    tree.put("buffers", plan.buffers());
    tree.put("buffers_granted", plan.granted());
    tree.put("largest_pages", plan.largestPages());
    tree.put("largest_bytes", plan.largestPages() * BufferSpec.PAGE_BYTES);
    tree.put("largest_is_exact", plan.verdict() != Verdict.UNKNOWN);
    tree.put("largest_lifted_by", plan.largestLiftedBy());
    tree.put("lifted_by", plan.liftedBy());
    tree.put("translation_pages", plan.translation().pages());
    tree.put("translated", plan.translation().granted());
    tree.put("translations", plan.translation().processes());
    tree.put("untranslated", tree(plan.translation().refusal()));
    tree.put("accounts", plan.accounts().stream().map(PlanTree::tree).toList());
    tree.put("reasons", plan.reasons().stream().map(PlanTree::tree).toList());
    return tree;
  }

  private static Map<String, @Nullable Object> tree(AccountUse use) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("counter", use.account().kind().counter());
    tree.put("payer", use.payer());
    tree.put("accounts", use.accounts());
    tree.put("used_pages", use.usedUnknown() == null ? use.usedPages() : null);
    tree.put("used_unknown", tree(use.usedUnknown()));
    tree.put("limit", use.account().kind().limit());
    tree.put(
        "limit_pages", use.limitUnknown() != null || use.isUnlimited() ? null : use.limitPages());
    tree.put("limit_unknown", tree(use.limitUnknown()));
    tree.put("charged_pages", use.chargedPages());
    return tree;
  }

  private static @Nullable Map<String, @Nullable Object> tree(@Nullable Explanation why) {
    if (why == null) {
      return null;
    }
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("asked", why.asked());
    tree.put("obstacle", why.obstacle());
    tree.put("remedy", why.remedy());
    return tree;
  }
}
