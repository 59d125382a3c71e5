package dev.bts.accounting.operations;

import dev.bts.api.KernelException;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * The machine this runs on, as a place for operations of real processes; found by {@link
 * ServiceLoader}.
 */
public interface LiveMachine {
  /**
   * A place for sequences, one at a time.
   *
   * @see LiveMachine#open
   */
  interface Stage extends AutoCloseable {
    /** Returns what the machine is like. */
    MachineFacts facts();

    /**
     * Begins a sequence.
     *
     * @throws KernelException if the kernel refuses what a sequence needs
     */
    Run begin();

    @Override
    void close();
  }

  /** One sequence on real processes. */
  interface Run extends OperationExecutor {
    /** Returns what the machine is like for this sequence. */
    MachineFacts facts();

    /**
     * Ends every process of the sequence and says whether somebody else has moved a counter
     * meanwhile; then the sequence proves nothing.
     *
     * @return who, or what moved; empty if nobody did
     */
    Optional<String> disturbance();
  }

  /**
   * Opens the machine: with users of its own as root, otherwise with the caller's.
   *
   * @throws KernelException if this kernel cannot do what operations need; the message says what
   */
  Stage open();

  /**
   * Returns the one that is installed.
   *
   * @throws IllegalStateException if there is none
   */
  static LiveMachine installed() {
    return ServiceLoader.load(LiveMachine.class)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no kernel backend on the class path"));
  }
}
