package dev.bts.api;

/**
 * The teaching part of an error: what was asked, what stood in the way with its present value, and
 * what to do about it.
 *
 * @param asked what was asked for
 * @param obstacle which limit, capability, sysctl or kernel feature stood in the way, and its value
 *     now
 * @param remedy what to do
 */
public record Explanation(String asked, String obstacle, String remedy) {
  /** Returns the three parts as one sentence: {@code asked: obstacle: remedy}. */
  @Override
  public String toString() {
    return remedy.isEmpty() ? asked + ": " + obstacle : asked + ": " + obstacle + ": " + remedy;
  }
}
