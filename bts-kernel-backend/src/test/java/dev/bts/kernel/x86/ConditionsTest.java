package dev.bts.kernel.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConditionsTest {
  /** Comparisons a:b of bytes, with the flags that {@code cmp} leaves, worked out from a - b. */
  private static long flagsOfComparison(int a, int b) {
    int difference = (byte) a - (byte) b;
    long flags = 0;
    flags |= (a & 0xff) < (b & 0xff) ? 0x001 : 0;
    flags |= Integer.bitCount(difference & 0xff) % 2 == 0 ? 0x004 : 0;
    flags |= (difference & 0xff) == 0 ? 0x040 : 0;
    flags |= (byte) difference < 0 ? 0x080 : 0;
    flags |= difference != (byte) difference ? 0x800 : 0;
    return flags;
  }

  @Test
  void conditionsMeanWhatTheirNamesSayAfterEveryComparisonOfTwoBytes() {
    for (int a = -128; a < 128; a++) {
      for (int b = -128; b < 128; b++) {
        long flags = flagsOfComparison(a, b);
        int low = a & 0xff;
        int other = b & 0xff;
        int difference = a - b;
        boolean[] evenCodes = {
          difference != (byte) difference, // o
          low < other, // b
          a == b, // e
          low <= other, // be
          (byte) difference < 0, // s
          Integer.bitCount(difference & 0xff) % 2 == 0, // p
          a < b, // l
          a <= b, // le
        };
        for (int code = 0; code < 16; code++) {
          boolean expected = evenCodes[code / 2] == (code % 2 == 0);
          if (Conditions.holds(code, flags) != expected) {
            throw new AssertionError("condition " + code + " after comparing " + a + " and " + b);
          }
        }
      }
    }
  }

  @Test
  void otherBitsOfTheFlagsRegisterDoNotMatter() {
    long others = ~0x8c5L;
    for (int code = 0; code < 16; code++) {
      assertThat(Conditions.holds(code, others)).isEqualTo(Conditions.holds(code, 0));
    }
  }

  @ParameterizedTest
  @CsvSource({"-1", "16"})
  void numbersThatAreNoConditionAreRefused(int code) {
    assertThatThrownBy(() -> Conditions.holds(code, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(Integer.toString(code));
  }
}
