package dev.bts.sim.rules;

/** Who is refunded. All but {@link #PAYER} and {@link #NOBODY} are mistakes that were made. */
public enum Refund {
  /** Who paid, by the receipt. */
  PAYER("who paid"),
  /** Nobody. */
  NOBODY("nobody"),
  /** The task that happens to run; a task that is exiting has no address space any more. */
  CURRENT("the current task"),
  /** The current task's user, for what a user paid; an address space that paid is refunded. */
  CURRENT_USER("the current task's user"),
  /** The address space whose mapping went last, for what an address space paid. */
  CLOSER("the closing address space"),
  /** The address space of the traced task. */
  TRACEE("the tracee"),
  /**
   * The user who paid for the first buffer of the same file, as long as there is one, for what a
   * user paid.
   */
  FIRST_PAYER("who paid for the file's first buffer"),
  /** The address spaces that paid; what users paid is forgotten. */
  WITHOUT_USER_PART("who paid, without the user's part"),
  /** Who paid, if the task that made the buffer still lives; otherwise nobody. */
  PAYER_IF_MAKER_LIVES("who paid, if the maker lives"),
  /** Who paid, if memory for the refund can be had; otherwise nobody. */
  PAYER_IF_MEMORY("who paid, if memory can be had"),
  /** The maker's user, with the size of the buffer, whatever was charged. */
  SIZE_TO_MAKER("the maker's user, by size"),
  /**
   * Nobody: the charge moves on to the address space that the task executes into. Where there is
   * none, who paid is refunded and the pages are freed.
   */
  MOVE("nobody, the new address space pays");

  private final String label;

  Refund(String label) {
    this.label = label;
  }

  /** Returns it in words. */
  public String label() {
    return label;
  }
}
