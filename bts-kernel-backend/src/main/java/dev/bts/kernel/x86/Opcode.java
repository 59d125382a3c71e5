package dev.bts.kernel.x86;

import java.util.Arrays;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** What one opcode byte of one map says about its instruction. Immutable. */
final class Opcode {
  /** Whether a ModRM byte follows. */
  enum ModRm {
    /** No. */
    ABSENT,
    /** Yes. */
    PRESENT,
    /** Yes, and both operands are registers whatever ModRM.mod says: mov of control registers. */
    REGISTERS
  }

  /** An opcode that does not exist. */
  static final Opcode UNDEFINED =
      new Opcode(ModRm.ABSENT, Immediate.NONE, 0, ControlFlow.SEQUENTIAL, null);

  private static final int MODRM_VALUES = 256;

  final ModRm modRm;
  final Immediate immediate;
  final ControlFlow flow;

  /** Bit n: the opcode exists with mandatory prefix n in the numbering of VEX.pp. */
  private final int mandatoryPrefixes;

  /** Indexed by ModRM: the opcodes of a group; null if ModRM changes nothing. */
  private final Opcode @Nullable [] group;

  private Opcode(
      ModRm modRm,
      Immediate immediate,
      int mandatoryPrefixes,
      ControlFlow flow,
      Opcode @Nullable [] group) {
    this.modRm = modRm;
    this.immediate = immediate;
    this.mandatoryPrefixes = mandatoryPrefixes;
    this.flow = flow;
    this.group = group;
  }

  static Opcode of(ModRm modRm, Immediate immediate, int mandatoryPrefixes) {
    return new Opcode(modRm, immediate, mandatoryPrefixes, ControlFlow.SEQUENTIAL, null);
  }

  Opcode withImmediate(Immediate kind) {
    return new Opcode(modRm, kind, mandatoryPrefixes, flow, group);
  }

  Opcode withPrefixes(int prefixes) {
    return new Opcode(modRm, immediate, prefixes, flow, group);
  }

  Opcode withFlow(ControlFlow kind) {
    return new Opcode(modRm, immediate, mandatoryPrefixes, kind, group);
  }

  /** Returns this opcode as a group whose members a function of the ModRM byte chooses. */
  Opcode withMembers(IntFunction<Opcode> memberOf) {
    Opcode[] members = new Opcode[MODRM_VALUES];
    Arrays.setAll(members, memberOf);
    return new Opcode(modRm, immediate, mandatoryPrefixes, flow, members);
  }

  /** Returns what the opcode means with this ModRM byte. */
  Opcode forModRm(int value) {
    return group == null ? this : group[value];
  }

  /** Returns whether the opcode exists with a mandatory prefix in the numbering of VEX.pp. */
  boolean exists(int mandatoryPrefix) {
    return (mandatoryPrefixes >> mandatoryPrefix & 1) != 0;
  }
}
