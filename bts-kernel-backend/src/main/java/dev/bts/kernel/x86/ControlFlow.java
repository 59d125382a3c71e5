package dev.bts.kernel.x86;

/** Where a processor goes after an instruction, as far as the encoding tells. */
public enum ControlFlow {
  /** To the next instruction, or to a fault handler; with REP to itself until done. */
  SEQUENTIAL,
  /** jcc: to the target if the flags say so, otherwise on. */
  CONDITIONAL_JUMP,
  /** loop, loope, loopne, jrcxz, jecxz: to the target if rcx (and ZF) say so, otherwise on. */
  COUNTED_JUMP,
  /** jmp rel. */
  DIRECT_JUMP,
  /** jmp through a register or memory. */
  INDIRECT_JUMP,
  /** call rel. */
  DIRECT_CALL,
  /** call through a register or memory. */
  INDIRECT_CALL,
  /** Near ret, with or without an immediate that releases arguments. */
  RETURN,
  /** jmp far through memory. */
  FAR_JUMP,
  /** call far through memory. */
  FAR_CALL,
  /** Far ret. */
  FAR_RETURN,
  /** iret, and uiret of user interrupts. */
  INTERRUPT_RETURN,
  /** syscall: the kernel, which as a rule returns to the next instruction. */
  SYSCALL,
  /** sysenter: the 32-bit way into the kernel, which never returns to the next instruction. */
  SYSENTER,
  /** sysret, sysexit, rsm: privileged returns, a fault in a user program. */
  SYSTEM_RETURN,
  /** int n. */
  INTERRUPT,
  /** int3: a breakpoint trap. */
  BREAKPOINT,
  /** int1: a debug trap. */
  DEBUG_TRAP,
  /** ud0, ud1, ud2: the undefined-opcode fault by definition. */
  UNDEFINED,
  /** hlt: privileged, a fault in a user program. */
  HALT,
  /** xbegin: on, and to the target if the transaction aborts. */
  TRANSACTION_BEGIN,
  /** xabort: to the target of the xbegin before; on if there is no transaction. */
  TRANSACTION_ABORT,
  /** enclu: leaf functions enter and leave an enclave. */
  ENCLAVE;

  /** Returns whether the encoding holds the target, so that {@link Instruction#target} answers. */
  public boolean hasTarget() {
    return switch (this) {
      case CONDITIONAL_JUMP, COUNTED_JUMP, DIRECT_JUMP, DIRECT_CALL, TRANSACTION_BEGIN -> true;
      default -> false;
    };
  }

  /** Returns whether this is a near branch: conditional or not, a call or a return. */
  public boolean isNearBranch() {
    return switch (this) {
      case CONDITIONAL_JUMP,
          COUNTED_JUMP,
          DIRECT_JUMP,
          INDIRECT_JUMP,
          DIRECT_CALL,
          INDIRECT_CALL,
          RETURN ->
          true;
      default -> false;
    };
  }

  /** Returns whether a condition decides between the target and the next instruction. */
  public boolean isConditional() {
    return this == CONDITIONAL_JUMP || this == COUNTED_JUMP;
  }

  /** Returns whether this pushes a return address: near and far calls. */
  public boolean isCall() {
    return this == DIRECT_CALL || this == INDIRECT_CALL || this == FAR_CALL;
  }
}
