package dev.bts.api.charging;

/**
 * Who is accountable: a user in a user namespace.
 *
 * @param userNamespace the inode of the user namespace ({@code /proc/PID/ns/user}); any constant in
 *     a simulator
 * @param uid the real user id, in the initial numbering of the observer
 */
public record Principal(long userNamespace, int uid) {
  @Override
  public String toString() {
    return "uid " + Integer.toUnsignedString(uid);
  }
}
