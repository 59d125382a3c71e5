package dev.bts.cli.trace;

/**
 * A part of a trace file that could not be used, and what is missing because of it.
 *
 * @param firstByte where the part starts in the file
 * @param endByte where it ends, excluded
 * @param records branches that are missing; {@link #UNKNOWN} if nothing tells
 * @param events side events that are missing; {@link #UNKNOWN} if nothing tells
 * @param reason what is wrong
 */
public record Damage(long firstByte, long endByte, long records, long events, String reason) {
  /** A count that nothing in the file tells. */
  public static final long UNKNOWN = -1;

  /** Returns the statement for people: bytes, counts, reason. */
  @Override
  public String toString() {
    return "bytes "
        + firstByte
        + " to "
        + endByte
        + ": "
        + reason
        + "; missing: "
        + count(records, "branches")
        + ", "
        + count(events, "side events");
  }

  private static String count(long count, String noun) {
    return count == UNKNOWN ? "an unknown number of " + noun : count + " " + noun;
  }
}
