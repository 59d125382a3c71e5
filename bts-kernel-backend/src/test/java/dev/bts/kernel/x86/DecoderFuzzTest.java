package dev.bts.kernel.x86;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Properties that hold for any bytes. */
final class DecoderFuzzTest {
  /** The seed; {@code -Dbts.seed=N} replays another. */
  private static final long SEED = Long.getLong("bts.seed", 20081216);

  private static final int CASES = 300_000;

  /** Bytes that are likely to lead to deep paths: prefixes, escapes, groups. */
  private static final byte[] INTERESTING =
      HexFormat.of()
          .parseHex(
              "0f38 0f3a 66 67 f2 f3 f0 64 65 2e 40 48 4f 62f1 62f2 c4e1 c5 8fe8 ff f7 c7 78"
                  .replace(" ", ""));

  private final Decoder decoder = new Decoder(Vendor.AMD);

  private static byte[] randomCode(Random random, int length) {
    byte[] code = new byte[length];
    random.nextBytes(code);
    for (int at = 0; at < length && random.nextInt(3) > 0; at++) {
      code[at] = INTERESTING[random.nextInt(INTERESTING.length)];
    }
    return code;
  }

  private static String replay(byte[] code) {
    return String.format(
        "%s; replay: mvn -pl bts-kernel-backend -am test -Dtest=DecoderFuzzTest"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Dbts.seed=%d",
        HexFormat.ofDelimiter(" ").formatHex(code), SEED);
  }

  /**
   * The buffer ends where the limit is, so that a read beyond it would throw; and what precedes the
   * offset is noise.
   */
  @Test
  void anyBytesDecodeWithinTheirLimits() {
    Random random = new Random(SEED);
    Instruction instruction = new Instruction();
    Map<DecodeStatus, Integer> outcomes = new EnumMap<>(DecodeStatus.class);
    for (int run = 0; run < CASES; run++) {
      byte[] code = randomCode(random, 1 + random.nextInt(24));
      int offset = random.nextInt(code.length);
      DecodeStatus status;
      try {
        status = decoder.decode(ByteBuffer.wrap(code), offset, code.length, 0, instruction);
      } catch (RuntimeException failure) {
        throw new AssertionError(replay(code), failure);
      }
      outcomes.merge(status, 1, Integer::sum);
      switch (status) {
        case COMPLETE -> {
          boolean fits =
              instruction.length() >= 1
                  && instruction.length() <= Instruction.MAX_LENGTH
                  && offset + instruction.length() <= code.length;
          boolean partsAddUp =
              instruction.opcodeOffset() < instruction.length()
                  && (instruction.immediateSize() == 0
                      || instruction.immediateOffset() + instruction.immediateSize()
                          == instruction.length())
                  && (instruction.displacementSize() == 0
                      || instruction.displacementOffset()
                              + instruction.displacementSize()
                              + instruction.immediateSize()
                          == instruction.length());
          if (!fits || !partsAddUp) {
            throw new AssertionError(instruction + " from " + replay(code));
          }
        }
        case TRUNCATED -> {
          if (code.length - offset >= Instruction.MAX_LENGTH || instruction.length() != 0) {
            throw new AssertionError("truncated after fifteen bytes: " + replay(code));
          }
        }
        case INVALID -> {
          if (instruction.length() != 0) {
            throw new AssertionError("invalid with a length: " + replay(code));
          }
        }
      }
    }
    assertThat(outcomes).as("every outcome is tried").hasSize(DecodeStatus.values().length);
    assertThat(outcomes.values()).allMatch(count -> count > CASES / 50);
  }

  @Test
  void moreBytesNeverChangeAnAnswerThatWasNotTruncated() {
    Random random = new Random(SEED);
    Instruction instruction = new Instruction();
    for (int run = 0; run < CASES / 10; run++) {
      byte[] code = randomCode(random, 20);
      DecodeStatus before = DecodeStatus.TRUNCATED;
      int lengthBefore = 0;
      for (int limit = 0; limit <= code.length; limit++) {
        DecodeStatus now = decoder.decode(ByteBuffer.wrap(code), 0, limit, 0, instruction);
        if (before != DecodeStatus.TRUNCATED
            && (now != before || instruction.length() != lengthBefore)) {
          throw new AssertionError(before + " became " + now + ": " + replay(code));
        }
        if (now == DecodeStatus.COMPLETE
            && before == DecodeStatus.TRUNCATED
            && instruction.length() != limit) {
          throw new AssertionError("truncated although complete: " + replay(code));
        }
        before = now;
        lengthBefore = instruction.length();
      }
      if (before == DecodeStatus.TRUNCATED) {
        throw new AssertionError("twenty bytes are not enough: " + replay(code));
      }
    }
  }
}
