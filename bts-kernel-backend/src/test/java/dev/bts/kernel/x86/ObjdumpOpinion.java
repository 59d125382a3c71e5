package dev.bts.kernel.x86;

import java.util.Map;
import java.util.Set;

/** What the text of one objdump line says about control flow and RIP-relative operands. */
final class ObjdumpOpinion {
  /** Words that objdump prints for prefixes, before the mnemonic. */
  private static final Set<String> PREFIX_WORDS =
      Set.of(
          "addr32",
          "bnd",
          "cs",
          "data16",
          "ds",
          "es",
          "fs",
          "gs",
          "lock",
          "notrack",
          "rep",
          "repnz",
          "repz",
          "ss",
          "xacquire",
          "xrelease");

  private static final Map<String, ControlFlow> FLOWS =
      Map.ofEntries(
          Map.entry("ret", ControlFlow.RETURN),
          Map.entry("retw", ControlFlow.RETURN),
          Map.entry("lret", ControlFlow.FAR_RETURN),
          Map.entry("lretw", ControlFlow.FAR_RETURN),
          Map.entry("lretl", ControlFlow.FAR_RETURN),
          Map.entry("lretq", ControlFlow.FAR_RETURN),
          Map.entry("ljmp", ControlFlow.FAR_JUMP),
          Map.entry("ljmpw", ControlFlow.FAR_JUMP),
          Map.entry("ljmpl", ControlFlow.FAR_JUMP),
          Map.entry("lcall", ControlFlow.FAR_CALL),
          Map.entry("lcallw", ControlFlow.FAR_CALL),
          Map.entry("lcalll", ControlFlow.FAR_CALL),
          Map.entry("iret", ControlFlow.INTERRUPT_RETURN),
          Map.entry("iretw", ControlFlow.INTERRUPT_RETURN),
          Map.entry("iretl", ControlFlow.INTERRUPT_RETURN),
          Map.entry("iretq", ControlFlow.INTERRUPT_RETURN),
          Map.entry("uiret", ControlFlow.INTERRUPT_RETURN),
          Map.entry("syscall", ControlFlow.SYSCALL),
          Map.entry("sysenter", ControlFlow.SYSENTER),
          Map.entry("sysret", ControlFlow.SYSTEM_RETURN),
          Map.entry("sysretl", ControlFlow.SYSTEM_RETURN),
          Map.entry("sysretq", ControlFlow.SYSTEM_RETURN),
          Map.entry("sysexit", ControlFlow.SYSTEM_RETURN),
          Map.entry("sysexitl", ControlFlow.SYSTEM_RETURN),
          Map.entry("sysexitq", ControlFlow.SYSTEM_RETURN),
          Map.entry("rsm", ControlFlow.SYSTEM_RETURN),
          Map.entry("int", ControlFlow.INTERRUPT),
          Map.entry("int3", ControlFlow.BREAKPOINT),
          Map.entry("int1", ControlFlow.DEBUG_TRAP),
          Map.entry("icebp", ControlFlow.DEBUG_TRAP),
          Map.entry("ud0", ControlFlow.UNDEFINED),
          Map.entry("ud1", ControlFlow.UNDEFINED),
          Map.entry("ud2", ControlFlow.UNDEFINED),
          Map.entry("hlt", ControlFlow.HALT),
          Map.entry("xbegin", ControlFlow.TRANSACTION_BEGIN),
          Map.entry("xbeginw", ControlFlow.TRANSACTION_BEGIN),
          Map.entry("xabort", ControlFlow.TRANSACTION_ABORT),
          Map.entry("enclu", ControlFlow.ENCLAVE));

  private final String text;
  private final String mnemonic;
  private final String operands;

  ObjdumpOpinion(String text) {
    this.text = text;
    int start = 0;
    int end;
    String word;
    do {
      end = wordEnd(text, start);
      word = text.substring(start, end);
      if (isMnemonic(word)) {
        break;
      }
      start = skipSpaces(text, end);
    } while (start < text.length());
    mnemonic = isMnemonic(word) ? word : "";
    operands = text.substring(skipSpaces(text, end));
  }

  /** Returns whether objdump could not make sense of the bytes. */
  boolean isBad() {
    return text.contains("(bad)") || text.contains("%?");
  }

  /** Returns whether the line shows prefixes and nothing that they belong to. */
  boolean isPrefixOnly() {
    return mnemonic.isEmpty();
  }

  String mnemonic() {
    return mnemonic;
  }

  ControlFlow flow() {
    boolean indirect = operands.startsWith("*");
    if (mnemonic.startsWith("j")) {
      if (mnemonic.equals("jmp") || mnemonic.equals("jmpw")) {
        return indirect ? ControlFlow.INDIRECT_JUMP : ControlFlow.DIRECT_JUMP;
      }
      return mnemonic.endsWith("cxz") ? ControlFlow.COUNTED_JUMP : ControlFlow.CONDITIONAL_JUMP;
    }
    if (mnemonic.equals("call") || mnemonic.equals("callw")) {
      return indirect ? ControlFlow.INDIRECT_CALL : ControlFlow.DIRECT_CALL;
    }
    if (mnemonic.startsWith("loop")) {
      return ControlFlow.COUNTED_JUMP;
    }
    return FLOWS.getOrDefault(mnemonic, ControlFlow.SEQUENTIAL);
  }

  /** Returns the address a direct branch names. */
  long target() {
    return hexadecimal(operands, 0);
  }

  /** Returns whether the line has a comment with the address of a RIP-relative operand. */
  boolean hasOperandAddress() {
    return text.contains("(%rip)") || text.contains("(%eip)");
  }

  /** Returns the address in the comment. */
  long operandAddress() {
    return hexadecimal(text, text.indexOf("# ") + 2);
  }

  private static boolean isMnemonic(String word) {
    return !PREFIX_WORDS.contains(word) && !word.startsWith("rex");
  }

  private static int wordEnd(String text, int start) {
    int end = start;
    while (end < text.length() && text.charAt(end) != ' ' && text.charAt(end) != ',') {
      end++;
    }
    return end;
  }

  private static int skipSpaces(String text, int start) {
    int at = start;
    if (at < text.length() && text.charAt(at) == ',') {
      // A branch hint: "je,pn".
      while (at < text.length() && text.charAt(at) != ' ') {
        at++;
      }
    }
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
    return at;
  }

  private static long hexadecimal(String text, int start) {
    int from = text.startsWith("0x", start) ? start + 2 : start;
    int end = from;
    while (end < text.length() && Character.digit(text.charAt(end), 16) >= 0) {
      end++;
    }
    return Long.parseUnsignedLong(text.substring(from, end), 16);
  }
}
