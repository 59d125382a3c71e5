package dev.bts.sim.kernel;

import dev.bts.api.charging.Principal;
import java.util.EnumSet;
import java.util.Set;

/**
 * Who a task is and what it may do beyond others. Immutable.
 *
 * @param principal its real user, who pays
 * @param capabilities its effective capabilities in the initial user namespace
 * @param effectiveUid as whom it is checked when it uses what others own
 * @param savedUid whom it may become again
 * @param rulesNamespace whether it has every capability in a namespace that it has made
 */
public record Credentials(
    Principal principal,
    Set<Capability> capabilities,
    int effectiveUid,
    int savedUid,
    boolean rulesNamespace) {
  /** The user namespace of the machine's start. */
  public static final long INITIAL_USER_NAMESPACE = 1;

  /** Copies. */
  public Credentials {
    capabilities = Set.copyOf(capabilities);
  }

  /** Describes a user who is the same in every respect. */
  public Credentials(Principal principal, Set<Capability> capabilities) {
    this(principal, capabilities, principal.uid(), principal.uid(), false);
  }

  /** Returns the same task with other real, effective and saved user ids. */
  public Credentials withUids(int real, int effective, int saved) {
    Principal user = new Principal(principal.userNamespace(), real);
    return new Credentials(user, capabilities, effective, saved, rulesNamespace);
  }

  /** Returns whether this task's real user is every user of another (kernel/sys.c, id_match). */
  boolean isWhollyUserOf(Credentials other) {
    return principal.uid() == other.principal.uid()
        && principal.uid() == other.effectiveUid
        && principal.uid() == other.savedUid;
  }

  /** Returns whether a signal of this task may reach another (kernel/signal.c, kill_ok_by_cred). */
  boolean maySignal(Credentials other) {
    return effectiveUid == other.savedUid
        || effectiveUid == other.principal.uid()
        || principal.uid() == other.savedUid
        || principal.uid() == other.principal.uid();
  }

  /** Returns an ordinary user of the initial user namespace. */
  public static Credentials user(int uid) {
    return new Credentials(new Principal(INITIAL_USER_NAMESPACE, uid), Set.of());
  }

  /** Returns root, who has all capabilities. */
  public static Credentials root() {
    return new Credentials(
        new Principal(INITIAL_USER_NAMESPACE, 0), EnumSet.allOf(Capability.class));
  }

  /** Returns whether a capability is effective. */
  public boolean has(Capability capability) {
    return capabilities.contains(capability);
  }

  /** Returns the same user with one more capability. */
  public Credentials with(Capability capability) {
    EnumSet<Capability> more = EnumSet.of(capability);
    more.addAll(capabilities);
    return with(more);
  }

  /** Returns the same user with a capability dropped. */
  public Credentials without(Capability capability) {
    EnumSet<Capability> fewer = EnumSet.noneOf(Capability.class);
    fewer.addAll(capabilities);
    fewer.remove(capability);
    return with(fewer);
  }

  private Credentials with(Set<Capability> others) {
    return new Credentials(principal, others, effectiveUid, savedUid, rulesNamespace);
  }
}
