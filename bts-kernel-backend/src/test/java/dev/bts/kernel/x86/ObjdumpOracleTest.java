package dev.bts.kernel.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Compares with {@code objdump -d} over real programs, line by line: length, control flow, direct
 * target, address of a RIP-relative operand.
 *
 * <p>Each line is decoded by itself, so that objdump losing its way in data costs nothing but the
 * lines concerned. Lines may differ for the reasons of {@link Difference} and no other.
 */
final class ObjdumpOracleTest {
  private static final List<Path> SAMPLE =
      List.of(
          Path.of("/usr/lib/x86_64-linux-gnu/libc.so.6"),
          Path.of("/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"),
          Path.of("/usr/lib/x86_64-linux-gnu/libcrypto.so.3"),
          Path.of("/usr/bin/bash"),
          Path.of("/usr/bin/python3.11"));

  private static final List<Path> EVERYTHING =
      List.of(Path.of("/usr/bin"), Path.of("/usr/lib/x86_64-linux-gnu"));

  private static final long LINES_SAMPLE_MIN = 100_000;

  /** The share of lines that may differ, as 1 / this number. */
  private static final long DIFFERENCES_SHARE = 50;

  /** Why a line of objdump may differ from the instruction decoded here. */
  private enum Difference {
    /** A data object in a code section: objdump prints bytes without text. */
    DATA,
    /** Text with "(bad)" or the operand "%?": objdump is in data, and says so; refused here too. */
    BAD,
    /**
     * The same, but accepted here: register forms of x87 and MPX that do not exist, see the package
     * documentation.
     */
    BAD_BUT_ACCEPTED,
    /** The section or symbol ends inside an instruction: objdump prints ".byte". */
    CUT_OFF,
    /** Prefixes that objdump shows alone because it does not know what they belong to. */
    PREFIXES_ALONE,
    /** wait and an x87 instruction, which objdump shows as one (fstcw is wait and fnstcw). */
    WAIT_JOINED,
    /** A near branch to a rel8 with prefix 66h: objdump does not cut the target, AMD does. */
    NARROW_TARGET,
    /** An operand relative to eip: objdump does not cut the address to 32 bits. */
    EIP_RELATIVE,
    /** REX before VEX or EVEX, which objdump ignores and processors refuse. */
    REX_BEFORE_VECTOR,
    /** mov to cs, which objdump shows and processors refuse. */
    LOAD_OF_CS
  }

  private final Decoder decoder = new Decoder(Vendor.AMD);
  private final Instruction instruction = new Instruction();
  private final Map<Difference, Long> differences = new EnumMap<>(Difference.class);
  private long lines;

  @BeforeAll
  static void findObjdump() throws InterruptedException {
    boolean found;
    try {
      found =
          new ProcessBuilder("objdump", "--version")
                  .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                  .start()
                  .waitFor()
              == 0;
    } catch (IOException absent) {
      found = false;
    }
    assumeThat(found).as("objdump (binutils) is on the PATH").isTrue();
  }

  @Test
  void sampleOfProgramsAgrees() throws IOException, InterruptedException {
    List<Path> files = SAMPLE.stream().filter(Files::isReadable).toList();
    assumeThat(files).as("files of the sample, which are those of Debian 12").isNotEmpty();
    for (Path file : files) {
      compare(file);
    }
    report(files.size());
    assertThat(lines).isGreaterThan(LINES_SAMPLE_MIN);
  }

  /** Takes minutes: about 140 million instructions on a build machine. */
  @Test
  @Tag("slow")
  void everyInstalledProgramAgrees() throws IOException, InterruptedException {
    List<Path> files = new ArrayList<>();
    for (Path directory : EVERYTHING) {
      collect(directory, files);
    }
    assertThat(files).hasSizeGreaterThan(100);
    for (Path file : files) {
      compare(file);
    }
    report(files.size());
  }

  private void report(int files) {
    System.out.printf(
        "objdump: %d files, %d lines, of which differ: %s%n", files, lines, differences);
    long different = differences.values().stream().mapToLong(Long::longValue).sum();
    assertThat(different).as("lines that differ").isLessThan(lines / DIFFERENCES_SHARE);
  }

  private void compare(Path file) throws IOException, InterruptedException {
    try (ObjdumpListing listing = new ObjdumpListing(file)) {
      while (listing.next()) {
        lines++;
        DecodeStatus status =
            decoder.decode(listing.code(), 0, listing.codeLength(), listing.address(), instruction);
        ObjdumpOpinion opinion = new ObjdumpOpinion(listing.text());
        if (opinion.isBad() || !agrees(status, listing, opinion)) {
          differences.merge(explain(file, status, listing, opinion), 1L, Long::sum);
        }
      }
      assertThat(listing.exitStatus()).as("exit status of objdump for " + file).isZero();
    }
  }

  private boolean agrees(DecodeStatus status, ObjdumpListing listing, ObjdumpOpinion opinion) {
    return status == DecodeStatus.COMPLETE
        && instruction.length() == listing.codeLength()
        && instruction.controlFlow() == opinion.flow()
        && (!instruction.controlFlow().hasTarget() || instruction.target() == opinion.target())
        && instruction.isRipRelative() == opinion.hasOperandAddress()
        && (!instruction.isRipRelative()
            || instruction.ripRelativeAddress() == opinion.operandAddress());
  }

  private Difference explain(
      Path file, DecodeStatus status, ObjdumpListing listing, ObjdumpOpinion opinion) {
    boolean complete = status == DecodeStatus.COMPLETE;
    boolean sameLength = complete && instruction.length() == listing.codeLength();
    if (listing.text().isEmpty()) {
      return Difference.DATA;
    }
    if (opinion.isBad()) {
      return complete ? Difference.BAD_BUT_ACCEPTED : Difference.BAD;
    }
    if (opinion.mnemonic().equals(".byte") && status == DecodeStatus.TRUNCATED) {
      return Difference.CUT_OFF;
    }
    if (opinion.isPrefixOnly() && status == DecodeStatus.TRUNCATED) {
      return Difference.PREFIXES_ALONE;
    }
    if (complete && instruction.is(OpcodeMap.PRIMARY, 0x9b) && restIsOneInstruction(listing)) {
      return Difference.WAIT_JOINED;
    }
    if (sameLength
        && instruction.isNarrowBranch()
        && instruction.controlFlow() == opinion.flow()
        && instruction.target() == (opinion.target() & 0xffff)) {
      return Difference.NARROW_TARGET;
    }
    if (sameLength
        && instruction.has(Prefix.ADDRESS_SIZE)
        && instruction.ripRelativeAddress() == (opinion.operandAddress() & 0xffff_ffffL)) {
      return Difference.EIP_RELATIVE;
    }
    if (status == DecodeStatus.INVALID
        && opinion.mnemonic().equals("mov")
        && listing.text().matches(".*,%cs( .*)?")) {
      return Difference.LOAD_OF_CS;
    }
    if (status == DecodeStatus.INVALID
        && listing.text().startsWith("rex")
        && opinion.mnemonic().startsWith("v")) {
      return Difference.REX_BEFORE_VECTOR;
    }
    throw new AssertionError(
        String.format(
            "%s at %x: %s: objdump says %s, here %s %s",
            file,
            listing.address(),
            HexFormat.ofDelimiter(" ").formatHex(listing.code().array(), 0, listing.codeLength()),
            listing.text(),
            status,
            instruction));
  }

  private boolean restIsOneInstruction(ObjdumpListing listing) {
    int rest = instruction.length();
    return decoder.decode(listing.code(), rest, listing.codeLength(), 0, instruction)
            == DecodeStatus.COMPLETE
        && rest + instruction.length() == listing.codeLength();
  }

  private static void collect(Path directory, List<Path> files) throws IOException {
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile() && Files.isReadable(file) && isElf64ForX86(file)) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure) {
            // A directory that an ordinary user may not read.
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Tells by e_ident and e_machine of the ELF header. */
  private static boolean isElf64ForX86(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] header = in.readNBytes(20);
      ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
      return header.length == 20
          && fields.order(ByteOrder.BIG_ENDIAN).getInt(0) == 0x7f454c46
          && header[4] == 2
          && fields.order(ByteOrder.LITTLE_ENDIAN).getShort(18) == 62;
    }
  }
}
