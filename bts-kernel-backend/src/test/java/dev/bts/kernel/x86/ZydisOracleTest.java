package dev.bts.kernel.x86;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Compares with Zydis, bytes by bytes: what Zydis decodes must decode here to the same length,
 * control flow, target, displacement and immediate; what it rejects for its form must be rejected.
 *
 * <p>Everything that is allowed to differ is written down here:
 *
 * <ul>
 *   <li>Encodings that only Knights Corner had. Other processors refuse them.
 *   <li>The suffix of 3DNow! is an immediate here, part of the opcode there.
 *   <li>Encodings refused there for details that change neither length nor flow (package
 *       documentation): {@link #LENIENT_STATUSES}, and for the maps without vector prefix, opcode
 *       by opcode, {@link #LENIENT_OPCODES}.
 * </ul>
 */
final class ZydisOracleTest {
  /** The seed; {@code -Dbts.seed=N} replays another. */
  private static final long SEED = Long.getLong("bts.seed", 20081216);

  private static final int DECODING_ERROR = 1;

  /** The reasons of Zydis to refuse what is accepted here. */
  private static final Map<Integer, String> LENIENT_STATUSES =
      Map.of(
          DECODING_ERROR,
          "the opcode does not exist in this form",
          3,
          "BAD_REGISTER: register number, or the same register twice",
          4,
          "ILLEGAL_LOCK: LOCK on an instruction that cannot be locked",
          8,
          "MALFORMED_EVEX: vector length, broadcast, zeroing",
          10,
          "INVALID_MASK: mask register 0 or missing");

  /** Opcodes without vector prefix that have forms refused by Zydis and accepted here. */
  private static final Map<OpcodeMap, Set<Integer>> LENIENT_OPCODES =
      Map.of(
          // x87: holes among the register forms.
          OpcodeMap.PRIMARY, Set.of(0xd9, 0xda, 0xdb, 0xde, 0xdf),
          OpcodeMap.SECONDARY,
              Set.of(
                  0x01, // system instructions: holes among the register forms
                  0x0f, // 3DNow!: holes among the suffixes
                  0x12, // a register form with a prefix that has memory forms only
                  0x16, // the same
                  0x73, // the forms for MMX are fewer
                  0x78, // extrq with ModRM.reg other than 0; memory forms of SSE4a
                  0x79, // memory forms of SSE4a
                  0xa6, // PadLock: one value of ModRM.rm
                  0xa7, // the same
                  0xae, // state saving and fences: holes among the forms
                  0xc5, // memory forms of pextrw
                  0xc7, // 64-bit and system forms
                  0xd6), // movq2dq and movdq2q have no memory form, movq has
          OpcodeMap.ESCAPE_38,
              Set.of(
                  0xdd, // Key Locker has memory forms only, AES both
                  0xde, // the same
                  0xdf, // the same
                  0xf0, // movbe has memory forms only, crc32 both
                  0xf1, // the same
                  0xf6, // wrss has memory forms only, adcx and adox both
                  0xf8, // newer than Zydis 4: urdmsr and uwrmsr
                  0xfc), // newer than Zydis 4: aadd, aand, aor, axor
          // hreset: one value of ModRM.rm.
          OpcodeMap.ESCAPE_3A, Set.of(0xf0));

  private static final int BYTE_VALUES = 256;
  private static final int MANDATORY_PREFIXES = 4;
  private static final int EVEX = 0x62;
  private static final int EVEX_VECTOR_LENGTH = 0x60;
  private static final int EVEX_FIFTH_BIT = 0x08;
  private static final int XOP = 0x8f;
  private static final int VEX = 0xc4;
  private static final int VEX_SHORT = 0xc5;

  @TempDir private static Path directory;
  private static Path program = Path.of("");

  @BeforeAll
  static void compile() throws IOException, InterruptedException {
    program = ZydisOpinion.compile(directory);
  }

  /** Every opcode and ModRM of the maps without vector prefix, with typical prefixes. */
  @ParameterizedTest
  @EnumSource(Vendor.class)
  void legacyEncodingsAgree(Vendor vendor) throws IOException, InterruptedException {
    String[] prefixes = {"", "66", "f3", "f2", "67", "48", "6648", "f0", "66f3", "65"};
    String[] escapes = {"", "0f", "0f38", "0f3a"};
    Pieces pieces = new Pieces(prefixes.length * escapes.length * BYTE_VALUES * BYTE_VALUES);
    for (String prefix : prefixes) {
      for (String escape : escapes) {
        byte[] start = HexFormat.of().parseHex(prefix + escape);
        for (int opcode = 0; opcode < BYTE_VALUES; opcode++) {
          for (int modRm = 0; modRm < BYTE_VALUES; modRm++) {
            pieces.begin().put(start).put((byte) opcode).put((byte) modRm);
            pieces.end();
          }
        }
      }
    }
    compare(vendor, pieces);
  }

  /**
   * Every opcode and ModRM of the maps with vector prefix; the other fields of the prefix are
   * random.
   */
  @Test
  void vectorEncodingsAgree() throws IOException, InterruptedException {
    int[][] escapesAndMaps = {
      {VEX_SHORT, 1},
      {VEX, 1},
      {VEX, 2},
      {VEX, 3},
      {EVEX, 1},
      {EVEX, 2},
      {EVEX, 3},
      {EVEX, 5},
      {EVEX, 6},
      {XOP, 8},
      {XOP, 9},
      {XOP, 10}
    };
    Random random = new Random(SEED);
    Pieces pieces =
        new Pieces(escapesAndMaps.length * MANDATORY_PREFIXES * BYTE_VALUES * BYTE_VALUES);
    for (int[] escapeAndMap : escapesAndMaps) {
      for (int prefix = 0; prefix < MANDATORY_PREFIXES; prefix++) {
        for (int opcode = 0; opcode < BYTE_VALUES; opcode++) {
          for (int modRm = 0; modRm < BYTE_VALUES; modRm++) {
            ByteBuffer code = pieces.begin();
            putVectorPrefix(code, escapeAndMap[0], escapeAndMap[1], prefix, random);
            code.put((byte) opcode).put((byte) modRm);
            pieces.end();
          }
        }
      }
    }
    compare(Vendor.AMD, pieces);
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void randomBytesAgree(Vendor vendor) throws IOException, InterruptedException {
    int count = 1 << 20;
    Pieces pieces = new Pieces(count);
    for (int piece = 0; piece < count; piece++) {
      pieces.begin();
      pieces.end();
    }
    compare(vendor, pieces);
  }

  private static void putVectorPrefix(
      ByteBuffer code, int escape, int map, int mandatoryPrefix, Random random) {
    code.put((byte) escape);
    // Most instructions want the inverted register field to be all ones when they do not use it.
    int register = random.nextBoolean() ? 0xf : random.nextInt(0x10);
    int wide = random.nextInt(2) << 7;
    int lengthBit = escape == EVEX ? 1 << 2 : random.nextInt(2) << 2;
    int last = register << 3 | lengthBit | mandatoryPrefix;
    if (escape == VEX_SHORT) {
      code.put((byte) (wide | last));
      return;
    }
    int fifthBit = escape == EVEX ? random.nextInt(2) << 4 : 0;
    code.put((byte) (random.nextInt(8) << 5 | fifthBit | map)).put((byte) (wide | last));
    if (escape == EVEX) {
      // Half of them without masking and broadcast, which few instructions do without.
      int any = random.nextInt(BYTE_VALUES);
      code.put((byte) (random.nextBoolean() ? (any & EVEX_VECTOR_LENGTH) | EVEX_FIFTH_BIT : any));
    }
  }

  private static void compare(Vendor vendor, Pieces pieces)
      throws IOException, InterruptedException {
    byte[] code = pieces.code();
    ZydisOpinion opinion = ZydisOpinion.of(program, vendor, code);
    Decoder decoder = new Decoder(vendor);
    ByteBuffer buffer = ByteBuffer.wrap(code);
    Instruction instruction = new Instruction();
    Map<String, Integer> outcomes = new TreeMap<>();
    int count = code.length / ZydisOpinion.CODE_BYTES;
    for (int piece = 0; piece < count; piece++) {
      int start = piece * ZydisOpinion.CODE_BYTES;
      int end = start + ZydisOpinion.CODE_BYTES;
      DecodeStatus status = decoder.decode(buffer, start, end, 0, instruction);
      opinion.moveTo(piece);
      String outcome =
          opinion.status() == ZydisOpinion.SUCCESS
              ? compareAccepted(opinion, status, instruction)
              : compareRefused(opinion.status(), status, instruction);
      if (outcome.startsWith("WRONG")) {
        throw new AssertionError(
            String.format(
                "%s: %s for %s; here %s %s; replay: mvn -pl bts-kernel-backend -am test"
                    + " -Dtest=ZydisOracleTest -Dsurefire.failIfNoSpecifiedTests=false"
                    + " -Dbts.seed=%d",
                outcome,
                vendor,
                HexFormat.ofDelimiter(" ").formatHex(code, start, end),
                status,
                instruction,
                SEED));
      }
      outcomes.merge(outcome, 1, Integer::sum);
    }
    System.out.printf("Zydis, %s: %d pieces of code: %s%n", vendor, count, outcomes);
    assertThat(outcomes.get("agreed")).as("instructions that agree").isGreaterThan(count / 25);
    assertThat(outcomes.get("refused by both")).isGreaterThan(count / 100);
  }

  private static String compareAccepted(
      ZydisOpinion opinion, DecodeStatus status, Instruction instruction) {
    if (status != DecodeStatus.COMPLETE) {
      return "WRONG: Zydis accepts it";
    }
    String difference = opinion.differenceFrom(instruction);
    if (difference.isEmpty()) {
      return "agreed";
    }
    boolean suffix = difference.equals("immediate") && instruction.is(OpcodeMap.SECONDARY, 0x0f);
    return suffix ? "agreed but for the 3DNow! suffix" : "WRONG: " + difference;
  }

  private static String compareRefused(
      int zydisStatus, DecodeStatus status, Instruction instruction) {
    if (zydisStatus == ZydisOpinion.KNIGHTS_CORNER) {
      return "Knights Corner only, here " + status;
    }
    if (status != DecodeStatus.COMPLETE) {
      return "refused by both";
    }
    String reason = LENIENT_STATUSES.get(zydisStatus);
    if (reason == null) {
      return "WRONG: Zydis refuses it with status " + zydisStatus;
    }
    boolean legacy = instruction.map().encoding() == OpcodeMap.Encoding.LEGACY;
    if (zydisStatus == DECODING_ERROR
        && legacy
        && !LENIENT_OPCODES
            .getOrDefault(instruction.map(), Set.of())
            .contains(instruction.opcode())) {
      return "WRONG: Zydis does not know the opcode";
    }
    return "accepted here only, " + reason;
  }

  /** Pieces of code of fifteen bytes, each filled up with random bytes. */
  private static final class Pieces {
    private final Random random = new Random(SEED);
    private final byte[] code;
    private final ByteBuffer buffer;
    private final byte[] filler = new byte[ZydisOpinion.CODE_BYTES];
    private int start;

    Pieces(int count) {
      code = new byte[count * ZydisOpinion.CODE_BYTES];
      buffer = ByteBuffer.wrap(code);
    }

    ByteBuffer begin() {
      start = buffer.position();
      return buffer;
    }

    void end() {
      random.nextBytes(filler);
      buffer.put(filler, 0, start + ZydisOpinion.CODE_BYTES - buffer.position());
    }

    byte[] code() {
      assertThat(buffer.hasRemaining()).isFalse();
      return code;
    }
  }
}
