package dev.bts.kernel.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Every kind of control flow. Bytes and texts are those of GNU as and objdump. */
final class ControlFlowTest {
  private static final long ZERO_FLAG = 0x40;

  @ParameterizedTest(name = "{2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          41 ff e3             | INDIRECT_JUMP     | jmp *%r11
          ff 20                | INDIRECT_JUMP     | jmp *(%rax)
          ff 25 00 10 00 00    | INDIRECT_JUMP     | jmp *0x1000(%rip)
          3e ff e0             | INDIRECT_JUMP     | notrack jmp *%rax
          ff d0                | INDIRECT_CALL     | call *%rax
          41 ff 54 dc 20       | INDIRECT_CALL     | call *0x20(%r12,%rbx,8)
          c3                   | RETURN            | ret
          f3 c3                | RETURN            | repz ret
          c2 10 00             | RETURN            | ret $0x10
          ff 28                | FAR_JUMP          | ljmp *(%rax)
          48 ff 28             | FAR_JUMP          | rex.W ljmp *(%rax)
          ff 5c 24 08          | FAR_CALL          | lcall *0x8(%rsp)
          cb                   | FAR_RETURN        | lret
          48 ca 08 00          | FAR_RETURN        | lretq $0x8
          48 cf                | INTERRUPT_RETURN  | iretq
          f3 0f 01 ec          | INTERRUPT_RETURN  | uiret
          0f 05                | SYSCALL           | syscall
          0f 34                | SYSENTER          | sysenter
          48 0f 07             | SYSTEM_RETURN     | sysretq
          0f 35                | SYSTEM_RETURN     | sysexit
          0f aa                | SYSTEM_RETURN     | rsm
          cd 80                | INTERRUPT         | int $0x80
          cc                   | BREAKPOINT        | int3
          f1                   | DEBUG_TRAP        | int1
          0f ff c8             | UNDEFINED         | ud0 %eax,%ecx
          0f b9 09             | UNDEFINED         | ud1 (%rcx),%ecx
          0f 0b                | UNDEFINED         | ud2
          f4                   | HALT              | hlt
          c6 f8 01             | TRANSACTION_ABORT | xabort $0x1
          0f 01 d7             | ENCLAVE           | enclu
          ff 30                | SEQUENTIAL        | push (%rax)
          ff c0                | SEQUENTIAL        | inc %eax
          0f 01 d0             | SEQUENTIAL        | xgetbv
          c7 00 44 33 22 11    | SEQUENTIAL        | movl $0x11223344,(%rax)
          f3 a4                | SEQUENTIAL        | rep movsb
          """)
  void flowWithoutTargetIsClassified(String hex, ControlFlow flow, String text) {
    Instruction instruction = Code.decode(hex);
    assertThat(instruction.controlFlow()).as(text).isEqualTo(flow);
    assertThat(flow.hasTarget()).isFalse();
    assertThatThrownBy(instruction::target).isInstanceOf(IllegalStateException.class);
  }

  /** Targets as objdump prints them for the address {@link Code#ADDRESS}. */
  @ParameterizedTest(name = "{3}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          eb 10                   | DIRECT_JUMP       | 401012 | jmp
          eb fe                   | DIRECT_JUMP       | 401000 | jmp to itself
          eb 00                   | DIRECT_JUMP       | 401002 | jmp to the next instruction
          e9 2f 12 00 00          | DIRECT_JUMP       | 402234 | jmp
          e9 fb ef ff ff          | DIRECT_JUMP       | 400000 | jmp backwards
          f2 e9 2e 12 00 00       | DIRECT_JUMP       | 402234 | bnd jmp
          75 10                   | CONDITIONAL_JUMP  | 401012 | jne
          2e 75 10                | CONDITIONAL_JUMP  | 401013 | jne,pn
          0f 85 2e 12 00 00       | CONDITIONAL_JUMP  | 402234 | jne
          e8 2f 12 00 00          | DIRECT_CALL       | 402234 | call
          67 e8 2e 12 00 00       | DIRECT_CALL       | 402234 | addr32 call
          66 66 48 e8 00 00 00 00 | DIRECT_CALL       | 401008 | data16 data16 rex.W call
          e2 0e                   | COUNTED_JUMP      | 401010 | loop
          e1 0e                   | COUNTED_JUMP      | 401010 | loope
          e0 0e                   | COUNTED_JUMP      | 401010 | loopne
          e3 0e                   | COUNTED_JUMP      | 401010 | jrcxz
          67 e3 0d                | COUNTED_JUMP      | 401010 | jecxz
          67 e2 0d                | COUNTED_JUMP      | 401010 | loopl
          c7 f8 fa 00 00 00       | TRANSACTION_BEGIN | 401100 | xbegin
          66 c7 f8 fb 00          | TRANSACTION_BEGIN | 401100 | xbeginw
          """)
  void directTargetIsComputed(String hex, ControlFlow flow, String target, String text) {
    for (Vendor vendor : Vendor.values()) {
      Instruction instruction = Code.decode(vendor, hex);
      assertThat(instruction.controlFlow()).as(text).isEqualTo(flow);
      assertThat(flow.hasTarget()).isTrue();
      assertThat(instruction.target()).as(text).isEqualTo(Long.parseLong(target, 16));
      assertThat(instruction.isNarrowBranch()).isFalse();
    }
  }

  /**
   * Near branches with a prefix 66h. The figures for AMD are what a Zen 4 does: each form was run
   * at an address above 64 KiB and the address it went to was read from the fault that followed.
   */
  @ParameterizedTest(name = "{2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          66 e9 10 00       | 1014 | jmp rel16
          66 eb 10          | 1013 | jmp rel8
          66 74 10          | 1013 | je rel8
          66 0f 84 10 00    | 1015 | je rel16
          66 e8 10 00       | 1014 | call rel16
          66 e3 10          | 1013 | jrcxz
          66 e2 10          | 1013 | loop
          48 66 e9 10 00    | 1015 | jmp rel16 after a REX prefix that does not count
          """)
  void operandSizePrefixNarrowsNearBranchesOfAmd(String hex, String target, String text) {
    Instruction instruction = Code.decode(Vendor.AMD, hex);
    assertThat(instruction.isNarrowBranch()).as(text).isTrue();
    assertThat(instruction.target()).as(text).isEqualTo(Long.parseLong(target, 16));
  }

  @ParameterizedTest(name = "{2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          66 e9 0e 00 01 00       | 411014 | jmp
          66 eb 10                | 401013 | jmp
          66 74 10                | 401013 | je
          66 0f 84 0d 00 01 00    | 411014 | je
          66 e8 0e 00 01 00       | 411014 | call
          66 e3 10                | 401013 | jrcxz
          """)
  void operandSizePrefixIsIgnoredOnNearBranchesOfIntel(String hex, String target, String text) {
    Instruction instruction = Code.decode(Vendor.INTEL, hex);
    assertThat(instruction.isNarrowBranch()).as(text).isFalse();
    assertThat(instruction.target()).as(text).isEqualTo(Long.parseLong(target, 16));
  }

  @ParameterizedTest
  @CsvSource({"66 c3", "66 ff e0", "66 ff d0", "66 c2 10 00"})
  void operandSizePrefixNarrowsIndirectNearBranchesOfAmdOnly(String hex) {
    assertThat(Code.decode(Vendor.AMD, hex).isNarrowBranch()).isTrue();
    assertThat(Code.decode(Vendor.INTEL, hex).isNarrowBranch()).isFalse();
  }

  @Test
  void narrowNeverAppliesToOtherInstructions() {
    assertThat(Code.decode("66 90").isNarrowBranch()).isFalse();
    assertThat(Code.decode("66 cb").isNarrowBranch()).isFalse();
  }

  @Test
  void conditionalJumpIsTakenByItsConditionCode() {
    for (int code = 0; code < 16; code++) {
      for (String hex :
          new String[] {
            String.format("%02x 10", 0x70 + code), String.format("0f %02x 10 00 00 00", 0x80 + code)
          }) {
        Instruction instruction = Code.decode(hex);
        assertThat(instruction.conditionCode()).isEqualTo(code);
        for (long flags : new long[] {0, ZERO_FLAG, 0x8d5}) {
          assertThat(instruction.isTaken(flags, 0)).isEqualTo(Conditions.holds(code, flags));
        }
      }
    }
  }

  @ParameterizedTest(name = "{4} with rcx {1} and flags {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          e2 10    | 2                | 0  | true  | loop
          e2 10    | 1                | 0  | false | loop
          e2 10    | 0                | 0  | true  | loop
          e2 10    | 100000001        | 0  | true  | loop
          67 e2 10 | 100000001        | 0  | false | loopl
          67 e2 10 | 100000000        | 0  | true  | loopl
          e1 10    | 2                | 40 | true  | loope
          e1 10    | 2                | 0  | false | loope
          e1 10    | 1                | 40 | false | loope
          e0 10    | 2                | 0  | true  | loopne
          e0 10    | 2                | 40 | false | loopne
          e0 10    | 1                | 0  | false | loopne
          e3 10    | 0                | 0  | true  | jrcxz
          e3 10    | 1                | 0  | false | jrcxz
          e3 10    | 100000000        | 0  | false | jrcxz
          67 e3 10 | 100000000        | 0  | true  | jecxz
          67 e3 10 | ffffffff00000001 | 0  | false | jecxz
          """)
  void countedJumpIsTakenByRcxBeforeIt(
      String hex, String rcx, String flags, boolean taken, String text) {
    assertThat(Code.decode(hex).isTaken(Long.parseLong(flags, 16), Long.parseUnsignedLong(rcx, 16)))
        .as(text)
        .isEqualTo(taken);
  }

  @Test
  void onlyConditionalInstructionsHaveACondition() {
    Instruction jump = Code.decode("eb 10");
    assertThatThrownBy(() -> jump.isTaken(0, 0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(jump::conditionCode).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(Code.decode("e2 10")::conditionCode)
        .isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @EnumSource(ControlFlow.class)
  void propertiesOfKindsAgreeWithEachOther(ControlFlow flow) {
    if (flow.isConditional()) {
      assertThat(flow.hasTarget()).isTrue();
      assertThat(flow.isCall()).isFalse();
    }
    assertThat(flow.isNearBranch())
        .isEqualTo(flow.name().matches("(CONDITIONAL|COUNTED|DIRECT|INDIRECT)_(JUMP|CALL)|RETURN"));
    assertThat(flow.isCall()).isEqualTo(flow.name().endsWith("_CALL"));
  }
}
