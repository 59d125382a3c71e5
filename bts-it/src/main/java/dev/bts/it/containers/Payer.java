package dev.bts.it.containers;

import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.Receipt;
import java.util.function.BiPredicate;

/** Somebody who may have paid for a trace, to be compared with its receipts. */
public final class Payer {
  private final String name;
  private final BiPredicate<AccountOwner, Trace> matches;

  private Payer(String name, BiPredicate<AccountOwner, Trace> matches) {
    this.name = name;
    this.matches = matches;
  }

  /**
   * Returns a user, whose System V locked memory was charged (policy {@code user}).
   *
   * @param uid as bts saw it, in its user namespace
   */
  public static Payer user(int uid) {
    return new Payer(
        "uid " + uid,
        (owner, trace) -> owner instanceof AccountOwner.User user && user.principal().uid() == uid);
  }

  /** Returns the traced processes, whose address spaces were charged (policy {@code tracee}). */
  public static Payer tracee() {
    return new Payer(
        "a traced process",
        (owner, trace) ->
            owner instanceof AccountOwner.AddressSpace mm && trace.processes().contains(mm.pid()));
  }

  /** Returns the tracing process, whose address space was charged (policy {@code tracer}). */
  public static Payer tracer() {
    return new Payer(
        "the tracer",
        (owner, trace) ->
            owner instanceof AccountOwner.AddressSpace mm && !trace.processes().contains(mm.pid()));
  }

  /** Returns a control group (policy {@code cgroup}); {@code /.} is the top of a container's. */
  public static Payer group(String path) {
    return new Payer(
        "cgroup " + path,
        (owner, trace) -> owner instanceof AccountOwner.Group group && group.path().equals(path));
  }

  /** Returns whether it alone paid: every account of the receipt is its own. */
  boolean paid(Receipt receipt, Trace trace) {
    return !receipt.charges().isEmpty()
        && receipt.charges().stream()
            .map(charge -> charge.account().owner())
            .allMatch(owner -> matches.test(owner, trace));
  }

  @Override
  public String toString() {
    return name;
  }
}
