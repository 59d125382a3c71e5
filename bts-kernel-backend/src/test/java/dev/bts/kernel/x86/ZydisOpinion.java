package dev.bts.kernel.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * What Zydis makes of many pieces of code: the answers of zydis-opinion.c, which is compiled for
 * the purpose, as a flyweight over one of them at a time.
 */
final class ZydisOpinion {
  /** Bytes per piece of code. */
  static final int CODE_BYTES = Instruction.MAX_LENGTH;

  /** Status: the bytes are an instruction. */
  static final int SUCCESS = 0;

  /** Status: an encoding that was only on Knights Corner, which shares the VEX space. */
  static final int KNIGHTS_CORNER = 0xff;

  // Offsets in an answer of zydis-opinion.c.
  private static final int STATUS = 0;
  private static final int LENGTH = 1;
  private static final int FLOW = 2;
  private static final int DISPLACEMENT_OFFSET = 3;
  private static final int DISPLACEMENT_SIZE = 4;
  private static final int IMMEDIATE_OFFSET = 5;
  private static final int IMMEDIATE_SIZE = 6;
  private static final int RIP_RELATIVE = 7;
  private static final int RELATIVE_TARGET = 8;
  private static final int ANSWER_BYTES = 16;

  private static final Path HEADER = Path.of("/usr/include/Zydis/Zydis.h");
  private static final int TIMEOUT_S = 120;

  private static final Map<Character, ControlFlow> FLOWS =
      Map.ofEntries(
          Map.entry('.', ControlFlow.SEQUENTIAL),
          Map.entry('b', ControlFlow.CONDITIONAL_JUMP),
          Map.entry('l', ControlFlow.COUNTED_JUMP),
          Map.entry('j', ControlFlow.DIRECT_JUMP),
          Map.entry('J', ControlFlow.INDIRECT_JUMP),
          Map.entry('c', ControlFlow.DIRECT_CALL),
          Map.entry('C', ControlFlow.INDIRECT_CALL),
          Map.entry('R', ControlFlow.RETURN),
          Map.entry('F', ControlFlow.FAR_JUMP),
          Map.entry('G', ControlFlow.FAR_CALL),
          Map.entry('H', ControlFlow.FAR_RETURN),
          Map.entry('I', ControlFlow.INTERRUPT_RETURN),
          Map.entry('s', ControlFlow.SYSCALL),
          Map.entry('e', ControlFlow.SYSENTER),
          Map.entry('S', ControlFlow.SYSTEM_RETURN),
          Map.entry('i', ControlFlow.INTERRUPT),
          Map.entry('3', ControlFlow.BREAKPOINT),
          Map.entry('1', ControlFlow.DEBUG_TRAP),
          Map.entry('u', ControlFlow.UNDEFINED),
          Map.entry('h', ControlFlow.HALT),
          Map.entry('t', ControlFlow.TRANSACTION_BEGIN),
          Map.entry('a', ControlFlow.TRANSACTION_ABORT),
          Map.entry('n', ControlFlow.ENCLAVE));

  private final ByteBuffer answers;
  private int start;

  private ZydisOpinion(byte[] answers) {
    this.answers = ByteBuffer.wrap(answers).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Compiles the program into a directory; skips the test if it cannot be had here. */
  static Path compile(Path directory) throws IOException, InterruptedException {
    assumeThat(HEADER).as("libzydis-dev is installed").exists();
    assumeThat(Path.of("/usr/bin/gcc")).as("gcc is installed").exists();
    Path source = directory.resolve("zydis-opinion.c");
    try (InputStream text =
        Objects.requireNonNull(ZydisOpinion.class.getResourceAsStream("zydis-opinion.c"))) {
      Files.copy(text, source);
    }
    Path program = directory.resolve("zydis-opinion");
    Process compiler =
        new ProcessBuilder(
                "gcc", "-O2", "-Wall", "-o", program.toString(), source.toString(), "-lZydis")
            .inheritIO()
            .start();
    assertThat(compiler.waitFor(TIMEOUT_S, TimeUnit.SECONDS)).isTrue();
    assertThat(compiler.exitValue()).as("gcc compiles zydis-opinion.c").isZero();
    return program;
  }

  /** Asks about pieces of code of {@link #CODE_BYTES} each. */
  static ZydisOpinion of(Path program, Vendor vendor, byte[] code)
      throws IOException, InterruptedException {
    Path input = Files.createTempFile(program.getParent(), "code", ".bin");
    Path output = Files.createTempFile(program.getParent(), "answers", ".bin");
    Files.write(input, code);
    Process process =
        new ProcessBuilder(program.toString(), vendor.name().toLowerCase(Locale.ROOT))
            .redirectInput(input.toFile())
            .redirectOutput(output.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).isZero();
    byte[] answers = Files.readAllBytes(output);
    assertThat(answers).hasSize(code.length / CODE_BYTES * ANSWER_BYTES);
    Files.delete(input);
    Files.delete(output);
    return new ZydisOpinion(answers);
  }

  /** Moves the flyweight to the answer about one piece. */
  void moveTo(int piece) {
    start = piece * ANSWER_BYTES;
  }

  private int field(int offset) {
    return answers.get(start + offset) & 0xff;
  }

  /** Returns SUCCESS, KNIGHTS_CORNER or the number of a ZYDIS_STATUS. */
  int status() {
    return field(STATUS);
  }

  /** Returns how the answer differs from an instruction in length, flow and parts; "" if not. */
  String differenceFrom(Instruction instruction) {
    if (field(LENGTH) != instruction.length()) {
      return "length";
    }
    if (FLOWS.get((char) field(FLOW)) != instruction.controlFlow()) {
      return "flow";
    }
    if (instruction.controlFlow().hasTarget()
        && answers.getLong(start + RELATIVE_TARGET) != instruction.immediate()) {
      return "target";
    }
    if (field(DISPLACEMENT_SIZE) != instruction.displacementSize()
        || (field(DISPLACEMENT_SIZE) != 0
            && field(DISPLACEMENT_OFFSET) != instruction.displacementOffset())) {
      return "displacement";
    }
    if (field(IMMEDIATE_SIZE) != instruction.immediateSize()
        || (field(IMMEDIATE_SIZE) != 0
            && field(IMMEDIATE_OFFSET) != instruction.immediateOffset())) {
      return "immediate";
    }
    boolean ripRelative = field(RIP_RELATIVE) != 0;
    return ripRelative == instruction.isRipRelative() ? "" : "RIP-relative";
  }
}
