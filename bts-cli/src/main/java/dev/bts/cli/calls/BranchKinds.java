package dev.bts.cli.calls;

import dev.bts.cli.counts.PairTable;
import dev.bts.cli.symbols.Symbolizer;
import dev.bts.kernel.x86.ControlFlow;
import dev.bts.kernel.x86.DecodeStatus;
import dev.bts.kernel.x86.Decoder;
import dev.bts.kernel.x86.Instruction;
import dev.bts.kernel.x86.Vendor;
import java.nio.ByteBuffer;

/** Which branch instructions call and which return, by the code in the mapped files. */
final class BranchKinds {
  /** Neither, or not known, because the code is in no file. */
  static final int OTHER = 1;

  static final int RETURN = 2;

  /** Calls are coded as this plus the length of the instruction. */
  static final int CALL = 16;

  private static final int ADDRESSES_MAX = 1 << 20;

  private final Symbolizer symbolizer;
  private final Decoder decoder = new Decoder(Vendor.INTEL);
  private final Instruction instruction = new Instruction();
  private final ByteBuffer code = ByteBuffer.allocate(Instruction.MAX_LENGTH);

  /** The kinds that are known, by process and address. */
  private final PairTable kinds = new PairTable();

  BranchKinds(Symbolizer symbolizer) {
    this.symbolizer = symbolizer;
  }

  /** Returns the kind of the branch at an address. */
  int kind(int pid, long address) {
    int known = (int) kinds.get(pid, address);
    if (known != 0) {
      return known;
    }
    int kind = decode(pid, address);
    if (kinds.size() >= ADDRESSES_MAX) {
      kinds.clear();
    }
    kinds.add(pid, address, kind, 0);
    return kind;
  }

  /** Forgets what is known: addresses mean something else. */
  void clear() {
    kinds.clear();
  }

  private int decode(int pid, long address) {
    code.clear();
    int length = symbolizer.code(pid, address, code);
    if (length == 0
        || decoder.decode(code, 0, length, address, instruction) != DecodeStatus.COMPLETE) {
      return OTHER;
    }
    ControlFlow flow = instruction.controlFlow();
    if (flow == ControlFlow.DIRECT_CALL || flow == ControlFlow.INDIRECT_CALL) {
      return CALL + instruction.length();
    }
    return flow == ControlFlow.RETURN ? RETURN : OTHER;
  }
}
