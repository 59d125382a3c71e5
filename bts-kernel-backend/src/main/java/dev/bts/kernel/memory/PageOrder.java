package dev.bts.kernel.memory;

import dev.bts.api.BtsException;
import dev.bts.api.BufferSpec;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.KernelException;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.Refusal;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.kernel.sys.Errno;

/**
 * An order for pages, and the form in which the kernel's refusals of it are passed on.
 *
 * @param policy the policy that chose the payer, for messages
 * @param payer the task whose address space or user pays
 * @param pages how many pages, at least one
 * @param accounts reads the numbers for a refusal, and says whether CAP_IPC_LOCK is laid down
 */
public record PageOrder(String policy, TaskIdentity payer, long pages, KernelAccounts accounts) {
  /**
   * Checks.
   *
   * @throws InvalidRequestException if a ByteBuffer could not show so many pages
   */
  public PageOrder {
    if (pages < 1 || pages > BufferSpec.MAX_BYTES / BufferSpec.PAGE_BYTES) {
      throw new InvalidRequestException(
          new Explanation(
              "allocate " + pages + " pages",
              "a buffer has between 1 and "
                  + BufferSpec.MAX_BYTES / BufferSpec.PAGE_BYTES
                  + " pages",
              "lower --buffer"));
    }
  }

  /** Returns the size in bytes. */
  long bytes() {
    return pages * BufferSpec.PAGE_BYTES;
  }

  /**
   * Returns the failure for a call that the kernel refused with an errno: a refused charge if a
   * limit explains it, with the numbers, else the errno.
   *
   * @param locked the account that the call locks pages on; EAGAIN and EPERM (limit 0) are about it
   */
  BtsException refused(int errno, Account locked) {
    if (errno == Errno.EAGAIN || errno == Errno.EPERM) {
      return overLimit(errno, locked);
    }
    if (errno == Errno.ENOMEM) {
      // Of several reasons for ENOMEM only limits can be told: what does not fit was refused.
      if (locked.kind() == Account.Kind.USER_MEMLOCK) {
        return overLimit(errno, locked);
      }
      Account total = Account.totalVm(payer.mm());
      long limit = accounts.limitPages(total, payer);
      if (pages > limit - accounts.usedPages(total)) {
        return overLimit(errno, total);
      }
    }
    return new KernelException(
        new Explanation(
            "charge " + pages + " pages by policy '" + policy + "'",
            "the kernel answered " + Errno.name(errno) + ", and no limit of the payer explains it",
            errno == Errno.ENOMEM
                ? "see vm.max_map_count and the memory that is free"
                : "see the manual pages of mmap(2) and shmctl(2)"),
        errno);
  }

  private ChargeRefusedException overLimit(int errno, Account account) {
    return new ChargeRefusedException(
        Refusal.overLimit(
                policy,
                account,
                pages,
                accounts.usedPages(account),
                accounts.limitPages(account, payer))
            .withReason("the kernel answered " + Errno.name(errno)));
  }
}
