/**
 * Instruction lengths and control flow of x86-64 code in 64-bit mode.
 *
 * <p>{@link dev.bts.kernel.x86.Decoder} reads one instruction into a reusable {@link
 * dev.bts.kernel.x86.Instruction}: how long it is, where its parts lie and where it may go next. It
 * does not name operations and knows operands only as far as moving code to another address needs
 * them.
 *
 * <p>Sources: AMD64 Architecture Programmer's Manual volume 3 (24594), appendix A; AMD publication
 * 43479 (XOP) and 21928 (3DNow!); Intel Software Developer's Manual volume 2, chapter 2 and
 * appendix A; Intel Architecture Instruction Set Extensions reference (319433).
 *
 * <p><b>What is accepted.</b> The decoder knows which opcodes exist with which mandatory prefix,
 * and in the maps without VEX, EVEX or XOP prefix also which values of ModRM. It does not check
 * what changes neither length nor control flow: vector lengths, VEX.W, unused VEX.vvvv, EVEX
 * masking and broadcast, register numbers, whether LOCK is allowed, 3DNow! suffixes. So it accepts
 * some encodings that the processor refuses with an undefined-opcode fault. Such an instruction
 * never completes, here or copied elsewhere, so the leniency cannot make a trace wrong. Not known
 * at all: REX2 and the other encodings of APX.
 */
@NullMarked
package dev.bts.kernel.x86;

import org.jspecify.annotations.NullMarked;
