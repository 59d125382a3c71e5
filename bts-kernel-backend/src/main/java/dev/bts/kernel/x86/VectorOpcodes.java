package dev.bts.kernel.x86;

/**
 * The opcode maps after a VEX, EVEX or XOP prefix. {@link OpcodeTable} explains the grids.
 *
 * <p>Sources: APM volume 4 and volume 6 (XOP), SDM volume 2 and the Instruction Set Extensions
 * reference. The encodings of Knights Corner, which share the VEX space, are not in.
 */
final class VectorOpcodes {
  private VectorOpcodes() {}

  /** VEX map 1: the vector forms of 0F, and operations on mask registers. */
  static Opcode[] vex1() {
    return OpcodeTable.ofPrefixes(
            Immediate.NONE,
            """
            1: fff3 3373 .... ....
            2: .... .... 33c3 cc33
            4: .33. 3333 ..33 ....
            5: 3f55 3333 fff7 ffff
            6: 2222 2222 2222 2226
            7: e222 2221 .... aa66
            9: 33bb .... 33.. ....
            a: .... .... .... ..1.
            c: ..f. 223. .... ....
            d: a222 2222 2222 2222
            e: 2222 22e2 2222 2222
            f: 8222 2222 2222 222.
            """)
        // Shifts by a constant, compare, insert, extract, shuffle.
        .immediate(0x70, 0x73, Immediate.BYTE)
        .immediate(0xc2, 0xc2, Immediate.BYTE)
        .immediate(0xc4, 0xc6, Immediate.BYTE)
        // vzeroupper and vzeroall: the only one without ModRM.
        .format(0x77, ".", 1)
        .build();
  }

  /** VEX map 2: no immediates. */
  static Opcode[] vex2() {
    return OpcodeTable.ofPrefixes(
            Immediate.NONE,
            """
            0: 2222 2222 2222 2222
            1: ...2 ..22 222. 222.
            2: 2222 22.. 2222 2222
            3: 2222 2222 2222 2222
            4: 22.. .222 .b.e ....
            5: ff22 .... 222. c.f.
            6: .... .... .... 3...
            7: ..4. .... 22.. ....
            8: .... .... .... 2.2.
            9: 2222 ..22 2222 2222
            a: .... ..22 2222 2222
            b: f6.. 2222 2222 2222
            c: .... .... ...8 88.2
            d: ..77 .... ..f2 2222
            e: 2222 2222 2222 2222
            f: ..11 .d8f .... ....
            """)
        .build();
  }

  /** VEX map 3: all have an 8-bit immediate; it may name a fourth register. */
  static Opcode[] vex3() {
    return OpcodeTable.ofPrefixes(
            Immediate.BYTE,
            """
            0: 222. 222. 2222 2222
            1: .... 2222 22.. .2..
            2: 222. .... .... ....
            3: 2222 .... 22.. ....
            4: 222. 2.2. 2222 2...
            5: .... .... .... 2222
            6: 2222 .... 2222 2222
            7: .... .... 2222 2222
            c: .... .... .... ..22
            d: .... .... .... ..22
            f: 8... .... .... ....
            """)
        .build();
  }

  /** EVEX map 1: the vector forms of 0F. */
  static Opcode[] evex1() {
    return OpcodeTable.ofPrefixes(
            Immediate.NONE,
            """
            1: fff3 3373 .... ....
            2: .... .... 33c3 cc33
            5: .f.. 3333 fff7 ffff
            6: 2222 2222 2222 222e
            7: e222 222. ffee ..6e
            c: ..f. 223. .... ....
            d: .222 222. 2222 2222
            e: 2222 22e2 2222 2222
            f: .222 222. 2222 222.
            """)
        // Shifts by a constant, compare, insert, extract, shuffle.
        .immediate(0x70, 0x73, Immediate.BYTE)
        .immediate(0xc2, 0xc2, Immediate.BYTE)
        .immediate(0xc4, 0xc6, Immediate.BYTE)
        .build();
  }

  /** EVEX map 2: no immediates. */
  static Opcode[] evex2() {
    return OpcodeTable.ofPrefixes(
            Immediate.NONE,
            """
            0: 2... 2... ...2 22..
            1: 6666 662. 2222 2222
            2: 6666 6666 6662 22..
            3: 6666 6622 6662 2222
            4: 2.22 2222 .... 2222
            5: 22ea 22.. 2222 ....
            6: ..22 222. 8... ....
            7: 22e2 .222 2222 2222
            8: ...2 .... 2222 .2.2
            9: 2222 ..22 22aa 2222
            a: 2222 ..22 22aa 2222
            b: .... 2222 2222 2222
            c: .... 2.22 2.22 22.2
            d: .... .... .... 2222
            """)
        .build();
  }

  /** EVEX map 3: all have an 8-bit immediate. */
  static Opcode[] evex3() {
    return OpcodeTable.ofPrefixes(
            Immediate.BYTE,
            """
            0: 22.2 22.. 3232 ...2
            1: .... 2222 2222 .222
            2: 2222 .233 .... ....
            3: .... .... 2222 ..22
            4: ..22 2... .... ....
            5: 22.. 2233 .... ....
            6: .... ..33 .... ....
            7: 2222 .... .... ....
            c: ..5. .... .... ..22
            """)
        .build();
  }

  /** EVEX map 5: half precision, no immediates. */
  static Opcode[] evex5() {
    return OpcodeTable.ofPrefixes(
            Immediate.NONE,
            """
            1: 44.. .... .... .3..
            2: .... .... ..4. 4411
            5: .5.. .... 55f7 5555
            6: .... .... .... ..2.
            7: .... .... 77a6 3f2.
            """)
        .build();
  }

  /** EVEX map 6: half precision, no immediates. */
  static Opcode[] evex6() {
    return OpcodeTable.ofPrefixes(
            Immediate.NONE,
            """
            1: ...3 .... .... ....
            2: .... .... .... 22..
            4: ..22 .... .... 2222
            5: .... ..cc .... ....
            9: .... ..22 2222 2222
            a: .... ..22 2222 2222
            b: .... ..22 2222 2222
            d: .... ..cc .... ....
            """)
        .build();
  }

  /** XOP map 8: all have an 8-bit immediate; it may name a fourth register. */
  static Opcode[] xop8() {
    return OpcodeTable.ofPrefixes(
            Immediate.BYTE,
            """
            8: .... .111 .... ..11
            9: .... .111 .... ..11
            a: ..11 ..1. .... ....
            b: .... ..1. .... ....
            c: 1111 .... .... 1111
            e: .... .... .... 1111
            """)
        .build();
  }

  /** XOP map 9: no immediates. */
  static Opcode[] xop9() {
    return OpcodeTable.ofPrefixes(
            Immediate.NONE,
            """
            0: .11. .... .... ....
            1: ..1. .... .... ....
            8: 1111 .... .... ....
            9: 1111 1111 1111 ....
            c: .111 ..11 ...1 ....
            d: .111 ..11 ...1 ....
            e: .111 .... .... ....
            """)
        .build();
  }

  /** XOP map 10: all have a 32-bit immediate. */
  static Opcode[] xop10() {
    return OpcodeTable.ofPrefixes(
            Immediate.DOUBLEWORD,
            """
            1: 1.1. .... .... ....
            """)
        .build();
  }
}
