package dev.bts.accounting;

import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.charging.ChargingPolicy;
import java.util.List;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** The charging policies that can be had by name: the built-in ones and those of ServiceLoader. */
public final class Policies {
  private static final List<ChargingPolicy> BUILT_IN =
      List.of(new TraceePays(), new TracerPays(), new UserPays(), new PerfPays(), new GroupPays());

  private Policies() {}

  /** Returns the policies that come with bts. */
  public static List<ChargingPolicy> builtIn() {
    return BUILT_IN;
  }

  /**
   * Returns the policy of this name.
   *
   * @throws InvalidRequestException if there is none; the message lists those there are
   */
  public static ChargingPolicy named(String name) {
    TreeMap<String, ChargingPolicy> byName = new TreeMap<>();
    for (ChargingPolicy policy : ServiceLoader.load(ChargingPolicy.class)) {
      byName.put(policy.name(), policy);
    }
    for (ChargingPolicy policy : BUILT_IN) {
      byName.put(policy.name(), policy);
    }
    ChargingPolicy found = byName.get(name);
    if (found == null) {
      throw new InvalidRequestException(
          new Explanation(
              "charging policy '" + name + "'",
              "there is no such policy",
              "choose one of " + byName.keySet()));
    }
    return found;
  }
}
