package dev.bts.kernel.x86;

/**
 * The opcode maps without VEX, EVEX or XOP prefix (APM volume 3, appendix A; SDM volume 2, appendix
 * A). {@link OpcodeTable} explains the grids.
 */
final class LegacyOpcodes {
  private LegacyOpcodes() {}

  /**
   * One-byte opcodes. Prefixes, 0F, and C4, C5 and 62 (always VEX and EVEX in 64-bit mode) are not
   * opcodes.
   */
  static Opcode[] primary() {
    return OpcodeTable.ofFormats(
            """
            0: M   M   M   M   b   z   -   -   M   M   M   M   b   z   -   -
            1: M   M   M   M   b   z   -   -   M   M   M   M   b   z   -   -
            2: M   M   M   M   b   z   -   -   M   M   M   M   b   z   -   -
            3: M   M   M   M   b   z   -   -   M   M   M   M   b   z   -   -
            5: .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .
            6: -   -   -   M   -   -   -   -   z   Mz  b   Mb  .   .   .   .
            7: b   b   b   b   b   b   b   b   b   b   b   b   b   b   b   b
            8: Mb  Mz  -   Mb  M   M   M   M   M   M   M   M   M   M   M   M
            9: .   .   .   .   .   .   .   .   .   .   -   .   .   .   .   .
            a: a   a   a   a   .   .   .   .   b   z   .   .   .   .   .   .
            b: b   b   b   b   b   b   b   b   v   v   v   v   v   v   v   v
            c: Mb  Mb  w   .   -   -   Mb  Mz  e   .   w   .   .   b   -   .
            d: M   M   M   M   -   -   -   .   M   M   M   M   M   M   M   M
            e: b   b   b   b   b   b   b   b   j   j   -   b   .   .   .   .
            f: -   .   -   -   .   .   M   M   .   .   .   .   .   .   M   M
            """)
        .groups(
            """
            8c 012345  012345
            8d *       -
            8e 02345   02345
            8f 0       0
            c6 0       07
            c7 0       07
            d9 0234567 *
            da *       01235
            db 012357  0123456
            dd 0123467 012345
            df *       0123456
            fe 01      01
            ff 0123456 01246
            """)
        // Register form of /7: only F8 is xabort and xbegin.
        .undefine(0xc6, 0xf9, 0xff)
        .undefine(0xc7, 0xf9, 0xff)
        .memberAt(0xc6, 0xf8, member -> member.withFlow(ControlFlow.TRANSACTION_ABORT))
        .memberAt(0xc7, 0xf8, member -> member.withFlow(ControlFlow.TRANSACTION_BEGIN))
        // test, the only members of its group with an immediate; /1 is an alias of /0.
        .member(0xf6, 0, member -> member.withImmediate(Immediate.BYTE))
        .member(0xf6, 1, member -> member.withImmediate(Immediate.BYTE))
        .member(0xf7, 0, member -> member.withImmediate(Immediate.OPERAND))
        .member(0xf7, 1, member -> member.withImmediate(Immediate.OPERAND))
        .flow(0x70, 0x7f, ControlFlow.CONDITIONAL_JUMP)
        .flow(0xc2, 0xc3, ControlFlow.RETURN)
        .flow(0xca, 0xcb, ControlFlow.FAR_RETURN)
        .flow(0xcc, ControlFlow.BREAKPOINT)
        .flow(0xcd, ControlFlow.INTERRUPT)
        .flow(0xcf, ControlFlow.INTERRUPT_RETURN)
        .flow(0xe0, 0xe3, ControlFlow.COUNTED_JUMP)
        .flow(0xe8, ControlFlow.DIRECT_CALL)
        .flow(0xe9, ControlFlow.DIRECT_JUMP)
        .flow(0xeb, ControlFlow.DIRECT_JUMP)
        .flow(0xf1, ControlFlow.DEBUG_TRAP)
        .flow(0xf4, ControlFlow.HALT)
        .member(0xff, 2, member -> member.withFlow(ControlFlow.INDIRECT_CALL))
        .member(0xff, 3, member -> member.withFlow(ControlFlow.FAR_CALL))
        .member(0xff, 4, member -> member.withFlow(ControlFlow.INDIRECT_JUMP))
        .member(0xff, 5, member -> member.withFlow(ControlFlow.FAR_JUMP))
        .build();
  }

  /**
   * Opcodes after 0F.
   *
   * <p>0F FF (ud0) has ModRM with newer Intel processors and objdump; AMD and older Intel
   * processors do without. The fault is raised either way before the end matters.
   */
  static Opcode[] secondary() {
    return OpcodeTable.ofFormats(
            """
            0: M   M   M   M   -   .   .   .   .   .   -   .   -   M   .   Mb
            1: M   M   M   M   M   M   M   M   M   M   M   M   M   M   M   M
            2: R   R   R   R   -   -   -   -   M   M   M   M   M   M   M   M
            3: .   .   .   .   .   .   -   .   -   -   -   -   -   -   -   -
            4: M   M   M   M   M   M   M   M   M   M   M   M   M   M   M   M
            5: M   M   M   M   M   M   M   M   M   M   M   M   M   M   M   M
            6: M   M   M   M   M   M   M   M   M   M   M   M   M   M   M   M
            7: Mb  Mb  Mb  Mb  M   M   M   .   Mp  M   -   -   M   M   M   M
            8: j   j   j   j   j   j   j   j   j   j   j   j   j   j   j   j
            9: M   M   M   M   M   M   M   M   M   M   M   M   M   M   M   M
            a: .   .   .   M   Mb  M   M   M   .   .   .   M   Mb  M   M   M
            b: M   M   M   M   M   M   M   M   M   M   Mb  M   M   M   M   M
            c: M   M   Mb  M   Mb  Mb  Mb  M   .   .   .   .   .   .   .   .
            d: M   M   M   M   M   M   M   M   M   M   M   M   M   M   M   M
            e: M   M   M   M   M   M   M   M   M   M   M   M   M   M   M   M
            f: M   M   M   M   M   M   M   M   M   M   M   M   M   M   M   M
            """)
        .prefixes(
            """
            0: ffff .fff ff.f .fff
            1: fff3 3373 ffff ffff
            2: ffff .... 33ff ff33
            3: ffff ff.1 .... ....
            4: ffff ffff ffff ffff
            5: 3f55 3333 fff7 ffff
            6: 3333 3333 3333 2237
            7: f333 3331 bb.. aa77
            8: ffff ffff ffff ffff
            9: ffff ffff ffff ffff
            a: ffff ff47 ffff ffff
            b: ffff ffff 4fff ffff
            c: fff1 333f ffff ffff
            d: a333 33e3 3333 3333
            e: 3333 33e3 3333 3333
            f: 8333 3333 3333 333f
            """)
        .groups(
            """
            00 012345  012345
            13 *       -
            17 *       -
            2b *       -
            50 -       *
            71 -       246
            72 -       246
            73 -       2367
            a6 -       012
            a7 -       012345
            b2 *       -
            b4 *       -
            b5 *       -
            ba 4567    4567
            c3 *       -
            c7 134567  67
            d7 -       *
            e7 *       -
            f0 *       -
            f7 -       *
            """)
        // Of the many instructions with 0F 01 two leave the straight line.
        .memberAt(0x01, 0xd7, member -> member.withFlow(ControlFlow.ENCLAVE))
        .memberAt(0x01, 0xec, member -> member.withFlow(ControlFlow.INTERRUPT_RETURN))
        .flow(0x05, ControlFlow.SYSCALL)
        .flow(0x07, ControlFlow.SYSTEM_RETURN)
        .flow(0x0b, ControlFlow.UNDEFINED)
        .flow(0x34, ControlFlow.SYSENTER)
        .flow(0x35, ControlFlow.SYSTEM_RETURN)
        .flow(0x80, 0x8f, ControlFlow.CONDITIONAL_JUMP)
        .flow(0xaa, ControlFlow.SYSTEM_RETURN)
        .flow(0xb9, ControlFlow.UNDEFINED)
        .flow(0xff, ControlFlow.UNDEFINED)
        .build();
  }

  /** Opcodes after 0F 38: all have ModRM and no immediate. */
  static Opcode[] escape38() {
    return OpcodeTable.ofPrefixes(
            Immediate.NONE,
            """
            0: 3333 3333 3333 ....
            1: 2... 22.2 .... 333.
            2: 2222 22.. 2222 ....
            3: 2222 22.2 2222 2222
            4: 22.. .... .... ....
            8: 222. .... .... ....
            c: .... .... 1111 11.2
            d: .... .... 4..2 6666
            f: bb.. .27. e144 f...
            """)
        .groups(
            """
            2a *       -
            80 *       -
            81 *       -
            82 *       -
            d8 0123    -
            f5 *       -
            f9 *       -
            fa -       *
            fb -       *
            fc *       -
            """)
        .build();
  }

  /** Opcodes after 0F 3A: all have ModRM and an 8-bit immediate. */
  static Opcode[] escape3A() {
    return OpcodeTable.ofPrefixes(
            Immediate.BYTE,
            """
            0: .... .... 2222 2223
            1: .... 2222 .... ....
            2: 222. .... .... ....
            4: 222. 2... .... ....
            6: 2222 .... .... ....
            c: .... .... .... 1.22
            d: .... .... .... ...2
            f: 4... .... .... ....
            """)
        .groups(
            """
            f0 -       0
            """)
        .build();
  }
}
