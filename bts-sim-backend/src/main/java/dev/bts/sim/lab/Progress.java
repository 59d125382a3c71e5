package dev.bts.sim.lab;

/**
 * How far an exploration has come.
 *
 * @param states how many states were reached
 * @param frontier how many of them are to be looked at on this level
 * @param depth the level
 * @param bytes memory of the states
 * @param nanos how long it takes already
 */
public record Progress(long states, long frontier, int depth, long bytes, long nanos) {
  /** Is told from time to time, and may end the exploration. */
  @FunctionalInterface
  public interface Listener {
    /** Goes on in silence. */
    Listener SILENT = progress -> true;

    /** Returns whether to go on. */
    boolean reached(Progress progress);
  }
}
