package dev.bts.sim.kernel;

import dev.bts.api.charging.Principal;
import java.util.EnumSet;
import java.util.Set;

/**
 * Who a task is and what it may do beyond others. Immutable.
 *
 * @param principal its real user
 * @param capabilities its effective capabilities
 */
public record Credentials(Principal principal, Set<Capability> capabilities) {
  /** The user namespace of the machine's start. */
  public static final long INITIAL_USER_NAMESPACE = 1;

  /** Copies. */
  public Credentials {
    capabilities = Set.copyOf(capabilities);
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
    return new Credentials(principal, more);
  }

  /** Returns the same user with a capability dropped. */
  public Credentials without(Capability capability) {
    EnumSet<Capability> fewer = EnumSet.noneOf(Capability.class);
    fewer.addAll(capabilities);
    fewer.remove(capability);
    return new Credentials(principal, fewer);
  }
}
