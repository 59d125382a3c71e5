package dev.bts.kernel.sys;

import com.sun.jna.Pointer;
import java.util.OptionalInt;

/** User ids by name, from the databases that nsswitch.conf(5) names. */
public final class UserIds {
  /** The offset of pw_uid in struct passwd: after pw_name and pw_passwd. */
  private static final long UID_OFFSET = 2 * Long.BYTES;

  private UserIds() {}

  /** Returns the id of a user, which as a number is unsigned; empty if nobody has that name. */
  public static synchronized OptionalInt named(String name) {
    Pointer entry = Libc.getpwnam(name);
    return entry == null ? OptionalInt.empty() : OptionalInt.of(entry.getInt(UID_OFFSET));
  }
}
