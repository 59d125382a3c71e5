package dev.bts.kernel.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lengths and parts of tricky encodings. Bytes and texts are those of GNU as and objdump. */
final class EncodingTest {
  /**
   * Parts are written as {@code offset+size}. Code.decode asserts the length, which is that of the
   * bytes.
   */
  @ParameterizedTest(name = "{5}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          49 b9 88 77 66 55 44 33 22 11       | PRIMARY   | -1 | -   | 2+8 | movabs $0x1122334455667788,%r9
          b9 44 33 22 11                      | PRIMARY   | -1 | -   | 1+4 | mov $0x11223344,%ecx
          66 b9 22 11                         | PRIMARY   | -1 | -   | 2+2 | mov $0x1122,%cx
          66 49 b9 88 77 66 55 44 33 22 11    | PRIMARY   | -1 | -   | 3+8 | data16 movabs
          a0 88 77 66 55 44 33 22 11          | PRIMARY   | -1 | 1+8 | -   | movabs 0x1122334455667788,%al
          67 a1 44 33 22 11                   | PRIMARY   | -1 | 2+4 | -   | addr32 mov 0x11223344,%eax
          c8 34 12 05                         | PRIMARY   | -1 | -   | 1+3 | enter $0x1234,$0x5
          68 44 33 22 11                      | PRIMARY   | -1 | -   | 1+4 | push $0x11223344
          66 68 22 11                         | PRIMARY   | -1 | -   | 2+2 | pushw $0x1122
          6a ff                               | PRIMARY   | -1 | -   | 1+1 | push $-1
          f6 c1 12                            | PRIMARY   | 1  | -   | 2+1 | test $0x12,%cl
          f6 c9 12                            | PRIMARY   | 1  | -   | 2+1 | test $0x12,%cl by its alias /1
          f7 c1 44 33 22 11                   | PRIMARY   | 1  | -   | 2+4 | test $0x11223344,%ecx
          66 f7 c1 22 11                      | PRIMARY   | 2  | -   | 3+2 | test $0x1122,%cx
          48 f7 c1 44 33 22 11                | PRIMARY   | 2  | -   | 3+4 | test $0x11223344,%rcx
          66 48 f7 c1 44 33 22 11             | PRIMARY   | 3  | -   | 4+4 | data16 test $0x11223344,%rcx
          f7 d1                               | PRIMARY   | 1  | -   | -   | not %ecx
          f6 d9                               | PRIMARY   | 1  | -   | -   | neg %cl
          69 c8 44 33 22 11                   | PRIMARY   | 1  | -   | 2+4 | imul $0x11223344,%eax,%ecx
          66 05 22 11                         | PRIMARY   | -1 | -   | 2+2 | add $0x1122,%ax
          48 05 44 33 22 11                   | PRIMARY   | -1 | -   | 2+4 | add $0x11223344,%rax
          c7 05 44 33 22 11 44 33 22 11       | PRIMARY   | 1  | 2+4 | 6+4 | movl $0x11223344,0x11223344(%rip)
          64 c7 84 98 44 33 22 11 44 33 22 11 | PRIMARY   | 2  | 4+4 | 8+4 | movl $0x11223344,%fs:0x11223344(%rax,%rbx,4)
          48 8d 14 c5 44 33 22 11             | PRIMARY   | 2  | 4+4 | -   | lea 0x11223344(,%rax,8),%rdx
          49 8b 45 00                         | PRIMARY   | 2  | 3+1 | -   | mov 0x0(%r13),%rax
          49 8b 04 24                         | PRIMARY   | 2  | -   | -   | mov (%r12),%rax
          8b 04 25 44 33 22 11                | PRIMARY   | 1  | 3+4 | -   | mov 0x11223344,%eax
          8f 00                               | PRIMARY   | 1  | -   | -   | pop (%rax)
          41 8f 00                            | PRIMARY   | 2  | -   | -   | pop (%r8)
          9b                                  | PRIMARY   | -1 | -   | -   | fwait
          d9 7d fe                            | PRIMARY   | 1  | 2+1 | -   | fnstcw -0x2(%rbp)
          63 c1                               | PRIMARY   | 1  | -   | -   | movslq %ecx,%eax
          f0 48 0f b1 0a                      | SECONDARY | 4  | -   | -   | lock cmpxchg %rcx,(%rdx)
          0f 20 c0                            | SECONDARY | 2  | -   | -   | mov %cr0,%rax
          0f 20 04                            | SECONDARY | 2  | -   | -   | mov %cr0,%rsp with mod 0, which does not count
          66 0f 78 c3 02 01                   | SECONDARY | 3  | -   | 4+2 | extrq $0x1,$0x2,%xmm3
          f2 0f 78 e3 02 01                   | SECONDARY | 3  | -   | 4+2 | insertq $0x1,$0x2,%xmm3,%xmm4
          66 0f 79 d1                         | SECONDARY | 3  | -   | -   | extrq %xmm1,%xmm2
          0f 78 c3                            | SECONDARY | 2  | -   | -   | vmread %rax,%rbx
          0f 0f 08 9e                         | SECONDARY | 2  | -   | 3+1 | pfadd (%rax),%mm1
          0f 0f 8c 18 44 33 22 11 1d          | SECONDARY | 2  | 4+4 | 8+1 | pf2id 0x11223344(%rax,%rbx,1),%mm1
          0f 0e                               | SECONDARY | -1 | -   | -   | femms
          0f 0d 08                            | SECONDARY | 2  | -   | -   | prefetchw (%rax)
          2e 66 0f 1f 04 00                   | SECONDARY | 4  | -   | -   | cs nopw (%rax,%rax,1)
          66 0f ae 38                         | SECONDARY | 3  | -   | -   | clflushopt (%rax)
          66 0f 38 00 d1                      | ESCAPE_38 | 4  | -   | -   | pshufb %xmm1,%xmm2
          66 f2 0f 38 f1 c8                   | ESCAPE_38 | 5  | -   | -   | crc32 %ax,%ecx
          66 0f 3a 0f d1 03                   | ESCAPE_3A | 4  | -   | 5+1 | palignr $0x3,%xmm1,%xmm2
          c5 f8 77                            | VEX_1     | -1 | -   | -   | vzeroupper
          c5 ec 58 d9                         | VEX_1     | 3  | -   | -   | vaddps %ymm1,%ymm2,%ymm3
          c5 e9 73 d1 03                      | VEX_1     | 3  | -   | 4+1 | vpsrlq $0x3,%xmm1,%xmm2
          c4 42 a8 f2 d9                      | VEX_2     | 4  | -   | -   | andn %r9,%r10,%r11
          c4 e2 75 90 9c a0 44 33 22 11       | VEX_2     | 4  | 6+4 | -   | vpgatherdd %ymm1,0x11223344(%rax,%ymm4,4),%ymm3
          c4 e3 fd 00 d1 03                   | VEX_3     | 4  | -   | 5+1 | vpermq $0x3,%ymm1,%ymm2
          c4 e3 61 4a e2 10                   | VEX_3     | 4  | -   | 5+1 | vblendvps %xmm1,%xmm2,%xmm3,%xmm4
          c4 e3 fb f0 d8 03                   | VEX_3     | 4  | -   | 5+1 | rorx $0x3,%rax,%rbx
          62 e1 fe 48 6f 48 01                | EVEX_1    | 5  | 6+1 | -   | vmovdqu64 0x40(%rax),%zmm17
          62 e1 fe 48 6f 0d 44 33 22 11       | EVEX_1    | 5  | 6+4 | -   | vmovdqu64 0x11223344(%rip),%zmm17
          62 f3 7d 40 3e 0e 02                | EVEX_3    | 5  | -   | 6+1 | vpcmpleub (%rsi),%zmm16,%k1
          62 f5 6c 48 58 d9                   | EVEX_5    | 5  | -   | -   | vaddph %zmm1,%zmm2,%zmm3
          62 f6 6d 48 b8 18                   | EVEX_6    | 5  | -   | -   | vfmadd231ph (%rax),%zmm2,%zmm3
          8f e8 60 a2 e2 10                   | XOP_8     | 4  | -   | 5+1 | vpcmov %xmm1,%xmm2,%xmm3,%xmm4
          8f e9 70 01 c8                      | XOP_9     | 4  | -   | -   | blcfill %eax,%ecx
          8f ea 78 10 c8 44 33 22 11          | XOP_10    | 4  | -   | 5+4 | bextr $0x11223344,%eax,%ecx
          8f ea 70 12 0d 44 33 22 11 44 33 22 11 | XOP_10 | 4  | 5+4 | 9+4 | lwpval $0x11223344,0x11223344(%rip),%ecx
          """)
  void partsAreWhereTheyAre(
      String hex,
      OpcodeMap map,
      int modRmOffset,
      String displacement,
      String immediate,
      String text) {
    Instruction instruction = Code.decode(hex);
    assertThat(instruction.map()).as(text).isEqualTo(map);
    assertThat(instruction.modRmOffset()).as("ModRM of " + text).isEqualTo(modRmOffset);
    assertThat(part(instruction.displacementOffset(), instruction.displacementSize()))
        .as("displacement of " + text)
        .isEqualTo(displacement);
    assertThat(part(instruction.immediateOffset(), instruction.immediateSize()))
        .as("immediate of " + text)
        .isEqualTo(immediate);
    byte[] code = Code.bytes(hex);
    assertThat(code[instruction.opcodeOffset()] & 0xff).isEqualTo(instruction.opcode());
    if (modRmOffset >= 0) {
      assertThat(code[modRmOffset] & 0xff).isEqualTo(instruction.modRm());
    }
    assertThat(instruction.controlFlow()).isEqualTo(ControlFlow.SEQUENTIAL);
  }

  private static String part(int offset, int size) {
    return size == 0 && offset == Instruction.ABSENT ? "-" : offset + "+" + size;
  }

  @ParameterizedTest(name = "{2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          c7 05 44 33 22 11 44 33 22 11          | 1162434e         | movl $0x11223344,0x11223344(%rip)
          8b 05 fa ff ff ff                      | 401000           | mov -0x6(%rip),%eax
          67 8b 05 44 33 22 11                   | 1162434b         | mov 0x11223344(%eip),%eax
          67 8b 05 00 00 00 ff                   | ff401007         | mov -0x1000000(%eip),%eax
          8b 05 00 00 00 80                      | ffffffff80401006 | mov -0x80000000(%rip),%eax
          62 e1 fe 48 6f 0d 44 33 22 11          | 1162434e         | vmovdqu64 0x11223344(%rip),%zmm17
          8f ea 70 12 0d 44 33 22 11 44 33 22 11 | 11624351         | lwpval $0x11223344,0x11223344(%rip),%ecx
          c4 e3 79 0f 05 44 33 22 11 03          | 1162434e         | vpalignr $0x3,0x11223344(%rip),%xmm0,%xmm0
          41 ff 25 44 33 22 11                   | 1162434b         | rex.B jmp *0x11223344(%rip)
          """)
  void ripRelativeOperandsCountFromTheNextInstruction(String hex, String address, String text) {
    Instruction instruction = Code.decode(hex);
    assertThat(instruction.isRipRelative()).as(text).isTrue();
    assertThat(instruction.hasMemoryOperand()).isTrue();
    assertThat(instruction.displacementSize()).isEqualTo(4);
    assertThat(instruction.base()).isEqualTo(Instruction.ABSENT);
    assertThat(instruction.ripRelativeAddress())
        .as(text)
        .isEqualTo(Long.parseUnsignedLong(address, 16));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "8b 04 25 44 33 22 11", // mov 0x11223344,%eax
        "8b 45 00", // mov 0x0(%rbp),%eax
        "8b c5", // mov %ebp,%eax
        "0f 20 05", // mov %cr0,%rbp with mod 0
        "a0 88 77 66 55 44 33 22 11", // movabs 0x1122334455667788,%al
        "c3" // ret
      })
  void otherOperandsAreNotRipRelative(String hex) {
    Instruction instruction = Code.decode(hex);
    assertThat(instruction.isRipRelative()).isFalse();
    assertThatThrownBy(instruction::ripRelativeAddress).isInstanceOf(IllegalStateException.class);
  }

  /** Registers as reg, rm, base, index, vvvv, opcode; -1 for absent ones. */
  @ParameterizedTest(name = "{3}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          89 d8                         | 3 0 -1 -1 -1 -1     | 0    | mov %ebx,%eax
          4d 89 d8                      | 11 8 -1 -1 -1 -1    | 900  | mov %r11,%r8
          4f 8b 5c 5a 08                | 11 -1 10 11 -1 -1   | c00  | mov 0x8(%r10,%r11,2),%r11
          4a 8b 04 e5 00 00 00 00       | 0 -1 -1 12 -1 -1    | 1000 | mov 0x0(,%r12,8),%rax
          49 8b 04 24                   | 0 -1 12 -1 -1 -1    | 1000 | mov (%r12),%rax
          49 8b 45 00                   | 0 -1 13 -1 -1 -1    | 2000 | mov 0x0(%r13),%rax
          49 8b 05 00 00 00 00          | 0 -1 -1 -1 -1 -1    | 0    | rex.B mov 0x0(%rip),%rax
          41 58                         | -1 -1 -1 -1 -1 8    | 100  | pop %r8
          49 90                         | -1 -1 -1 -1 -1 8    | 100  | xchg %rax,%r8
          98                            | -1 -1 -1 -1 -1 -1   | 0    | cwtl
          41 bf 01 00 00 00             | -1 -1 -1 -1 -1 15   | 8000 | mov $0x1,%r15d
          49 0f cd                      | -1 -1 -1 -1 -1 13   | 2000 | bswap %r13
          c4 42 a8 f2 d9                | 11 9 -1 -1 10 -1    | e00  | andn %r9,%r10,%r11
          c4 c2 fb f7 04 24             | 0 -1 12 -1 0 -1     | 1000 | shrx %rax,(%r12),%rax
          c4 e2 75 90 9c a0 44 33 22 11 | 3 -1 0 -1 1 -1      | 0    | vpgatherdd, whose index 4 is a vector
          62 c1 fe 48 6f 49 01          | 1 -1 9 -1 0 -1      | 200  | vmovdqu64 0x40(%r9),%zmm17
          0f 05                         | -1 -1 -1 -1 -1 -1   | 800  | syscall writes r11
          41 ff e3                      | 4 11 -1 -1 -1 -1    | 800  | jmp *%r11
          """)
  void registersAreThoseTheEncodingNames(
      String hex, String registers, String extended, String text) {
    Instruction instruction = Code.decode(hex);
    assertThat(
            String.format(
                "%d %d %d %d %d %d",
                instruction.reg(),
                instruction.rm(),
                instruction.base(),
                instruction.index(),
                instruction.vectorRegister(),
                instruction.opcodeRegister()))
        .as(text)
        .isEqualTo(registers);
    assertThat(instruction.extendedRegisters()).as(text).isEqualTo(Integer.parseInt(extended, 16));
  }

  @Test
  void prefixesAndRexAreReported() {
    Instruction instruction = Code.decode("f0 64 4d 0f b1 0a");
    assertThat(instruction.has(Prefix.LOCK)).isTrue();
    assertThat(instruction.has(Prefix.FS)).isTrue();
    assertThat(instruction.has(Prefix.GS)).isFalse();
    assertThat(instruction.isRelativeTo(Prefix.FS)).isTrue();
    assertThat(instruction.rexOffset()).isEqualTo(2);
    assertThat(instruction.rexBits()).isEqualTo(0xd);
    assertThat(instruction.isWide()).isTrue();
    assertThat(instruction.mandatoryPrefix()).isZero();
    assertThat(instruction.map().encoding()).isEqualTo(OpcodeMap.Encoding.LEGACY);
  }

  @ParameterizedTest(name = "{2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0f 10 c1          | 0 | movups
          66 0f 10 c1       | 1 | movupd
          f3 0f 10 c1       | 2 | movss
          f2 0f 10 c1       | 3 | movsd
          66 f3 0f 10 c1    | 2 | data16 movss
          f3 66 0f 10 c1    | 2 | data16 movss
          f2 f3 0f 10 c1    | 2 | the last of the two
          f3 f2 0f 10 c1    | 3 | the last of the two
          c5 fb 10 00       | 3 | vmovsd
          """)
  void mandatoryPrefixIsTheOneThatCounts(String hex, int prefix, String text) {
    assertThat(Code.decode(hex).mandatoryPrefix()).as(text).isEqualTo(prefix);
  }

  @Test
  void rexThatIsNotTheLastPrefixIsIgnored() {
    Instruction instruction = Code.decode("48 66 b8 22 11");
    assertThat(instruction.rexOffset()).isEqualTo(Instruction.ABSENT);
    assertThat(instruction.isWide()).isFalse();
    assertThat(Code.decode("41 48 89 c0").rexBits()).isEqualTo(8);
  }

  @Test
  void rexBitsOfVectorPrefixesAreNormalised() {
    // andn %r9,%r10,%r11 with W, R and B; vmovdqu64 with W and R; vaddps without any.
    assertThat(Code.decode("c4 42 a8 f2 d9").rexBits()).isEqualTo(0xd);
    assertThat(Code.decode("c4 42 a8 f2 d9").rexOffset()).isEqualTo(Instruction.ABSENT);
    assertThat(Code.decode("c5 6c 58 d9").rexBits()).isEqualTo(4);
    assertThat(Code.decode("c5 ec 58 d9").rexBits()).isZero();
    assertThat(Code.decode("62 b1 fe 48 6f 0c 08").rexBits()).isEqualTo(0xa);
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          06                   | push %es
          0e                   | push %cs
          27                   | daa
          60                   | pusha
          82 c0 01             | add $0x1,%al by its 32-bit alias
          9a 00 00 00 00 00 00 | lcall with an immediate address
          ea 00 00 00 00 00 00 | ljmp with an immediate address
          ce                   | into
          d4 0a                | aam
          d5 0a                | aad; REX2 with APX
          d6                   | salc
          0f 04                | reserved
          0f a6 00             | reserved without a repeat prefix
          8e c8                | mov %eax,%cs
          8d c0                | lea of a register
          ff f8                | group 5 /7
          ff d8                | lcall through a register
          ff e8                | ljmp through a register
          fe d0                | group 4 /2
          8f e0                | group 1A /4: below map 8 it is not XOP, and it is not pop
          c6 c8 00             | group 11 /1
          c7 f9 00 00 00 00    | xbegin has one form
          0f ba c0 01          | group 8 /0
          0f 38 0f 00          | reserved
          0f 3a 00 c0 00       | reserved
          f3 0f 38 00 c1       | pshufb has no form with F3
          66 c5 f8 77          | VEX after 66
          f2 c5 f8 77          | VEX after F2
          f3 c4 e1 78 77       | VEX after F3
          f0 c5 ec 58 d9       | VEX after LOCK
          48 c5 f8 77          | VEX after REX
          c4 e0 78 77          | VEX map 0
          c4 e4 78 77 00       | VEX map 4
          62 f8 fe 48 6f 48 01 | EVEX map 0 with the bit of APX
          62 f4 fe 48 6f 48 01 | EVEX map 4
          62 f1 fa 48 6f 48 01 | EVEX without its fixed bit
          62 f9 fe 48 6f 48 01 | EVEX with the bit that APX uses
          48 62 f1 fe 48 6f 00 | EVEX after REX
          8f eb 78 10 c8       | XOP map 11
          66 8f e9 70 01 c8    | XOP after 66
          """)
  void encodingsThatDoNotExistInSixtyFourBitModeAreInvalid(String hex, String text) {
    assertThat(Code.status(hex)).as(text).isEqualTo(DecodeStatus.INVALID);
  }

  @Test
  void fifteenBytesAreTheMost() {
    String fourteenPrefixes = "66 ".repeat(14);
    assertThat(Code.decode(fourteenPrefixes + "90").length()).isEqualTo(15);
    assertThat(Code.status(fourteenPrefixes + "66 90")).isEqualTo(DecodeStatus.INVALID);
    assertThat(Code.status(fourteenPrefixes + "b0 01")).isEqualTo(DecodeStatus.INVALID);
    assertThat(Code.status("66 ".repeat(15).strip())).isEqualTo(DecodeStatus.INVALID);
    // Fourteen prefixes may still become an instruction; with an immediate announced they cannot.
    assertThat(Code.status(fourteenPrefixes.strip())).isEqualTo(DecodeStatus.TRUNCATED);
    assertThat(Code.status("66 ".repeat(13) + "b0")).isEqualTo(DecodeStatus.TRUNCATED);
    assertThat(Code.status(fourteenPrefixes + "b0")).isEqualTo(DecodeStatus.INVALID);
  }

  @Test
  void noBytesAtAllAreTruncated() {
    assertThat(new Decoder(Vendor.AMD).decode(ByteBuffer.allocate(0), 0, 0, 0, new Instruction()))
        .isEqualTo(DecodeStatus.TRUNCATED);
  }

  @Test
  void incompleteDecodeLeavesNoLength() {
    Instruction instruction = Code.decode("48 05 44 33 22 11");
    byte[] invalid = Code.bytes("06");
    new Decoder(Vendor.AMD).decode(ByteBuffer.wrap(invalid), 0, 1, Code.ADDRESS, instruction);
    assertThat(instruction.length()).isZero();
  }

  @Test
  void rangesOutsideTheBufferAreRefused() {
    Decoder decoder = new Decoder(Vendor.AMD);
    ByteBuffer code = ByteBuffer.allocate(4);
    Instruction instruction = new Instruction();
    assertThatThrownBy(() -> decoder.decode(code, 0, 5, 0, instruction))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> decoder.decode(code.duplicate().limit(2), 0, 3, 0, instruction))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> decoder.decode(code, 3, 2, 0, instruction))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> decoder.decode(code, -1, 2, 0, instruction))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
