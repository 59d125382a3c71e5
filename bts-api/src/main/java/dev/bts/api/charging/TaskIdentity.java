package dev.bts.api.charging;

/**
 * A task as accounting sees it.
 *
 * @param mm its address space
 * @param principal its real user
 * @param group its memory control group, {@code /} where there is none
 */
public record TaskIdentity(
    AccountOwner.AddressSpace mm, Principal principal, AccountOwner.Group group) {}
