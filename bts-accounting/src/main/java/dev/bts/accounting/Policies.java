package dev.bts.accounting;

import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.charging.ChargingPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

  /** Returns all policies: the built-in ones, then those of ServiceLoader by name. */
  public static List<ChargingPolicy> all() {
    Map<String, ChargingPolicy> others = byName();
    BUILT_IN.forEach(policy -> others.remove(policy.name()));
    List<ChargingPolicy> all = new ArrayList<>(BUILT_IN);
    all.addAll(others.values());
    return all;
  }

  /** A built-in policy cannot be replaced by another one of its name. */
  private static Map<String, ChargingPolicy> byName() {
    Map<String, ChargingPolicy> byName = new TreeMap<>();
    for (ChargingPolicy policy : ServiceLoader.load(ChargingPolicy.class)) {
      byName.put(policy.name(), policy);
    }
    for (ChargingPolicy policy : BUILT_IN) {
      byName.put(policy.name(), policy);
    }
    return byName;
  }

  /**
   * Returns the policy of this name.
   *
   * @throws InvalidRequestException if there is none; the message lists those there are
   */
  public static ChargingPolicy named(String name) {
    Map<String, ChargingPolicy> byName = byName();
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
