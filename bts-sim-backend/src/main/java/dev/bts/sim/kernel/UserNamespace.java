package dev.bts.sim.kernel;

/**
 * A user namespace that a task has made ({@code struct user_namespace}), as far as accounts go. No
 * ids are mapped in it.
 *
 * @param owner who made it: the effective user, in the namespace above
 * @param maximumPages what users in it may have under SHM_LOCK at most at its owner's expense
 */
record UserNamespace(User owner, long maximumPages) {}
