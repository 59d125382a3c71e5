package dev.bts.api;

import java.util.EnumSet;
import java.util.Set;

/**
 * A branch trace configuration, as PTRACE_BTS_CONFIG and PTRACE_BTS_STATUS of Linux 2.6.28 carried
 * it.
 *
 * @param sizeBytes the size of the buffer in bytes; read with {@link ConfigFlag#ALLOC} only
 * @param flags what is recorded and notified
 */
public record BtsConfig(long sizeBytes, Set<ConfigFlag> flags) {
  /**
   * Checks and copies.
   *
   * @throws InvalidRequestException if the size is negative
   */
  public BtsConfig {
    if (sizeBytes < 0) {
      throw new InvalidRequestException(
          new Explanation(
              "a buffer of " + sizeBytes + " bytes", "a size is not negative", "give one"));
    }
    flags = Set.copyOf(flags);
  }

  /** Returns a configuration with these flags. */
  public static BtsConfig of(long sizeBytes, ConfigFlag... flags) {
    EnumSet<ConfigFlag> set = EnumSet.noneOf(ConfigFlag.class);
    for (ConfigFlag flag : flags) {
      set.add(flag);
    }
    return new BtsConfig(sizeBytes, set);
  }
}
