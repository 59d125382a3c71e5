package dev.bts.kernel.software;

import dev.bts.kernel.sys.Signals;
import java.util.ArrayList;
import java.util.List;

/**
 * The part of the handler for SIGTRAP that knows the cache: when the tracer is dead, it takes a
 * thread that has come to a way out to the program's address behind it, native from there on.
 *
 * <p>It is entered as handler(signal, siginfo, ucontext). A trap in the cache that nobody has sent
 * is that of a way out, or one that the tracer had stopped the thread with just before it died, in
 * which case the thread stands at an instruction of the cache and goes on there.
 */
final class TrapRoutine extends Emitter {
  /** The size at most, with the greatest number of arenas. */
  static final int BYTES_MAX = 1536;

  /** uc_mcontext.gregs[REG_RIP] of ucontext_t (asm/sigcontext.h). */
  private static final int UCONTEXT_RIP = 168;

  private static final int ARCH_PRCTL = 158;
  private static final int ARCH_SET_GS = 0x1001;

  private static final int BELOW = 2;
  private static final int NOT_EQUAL = 5;
  private static final int LESS_OR_EQUAL = 14;

  private TrapRoutine(Arena arena) {
    super(arena);
  }

  /**
   * Writes it into the first arena.
   *
   * @param offset where
   * @param goOn the address of a handler for traps of steps, which is left to do when the context
   *     is right
   * @param otherwise the address of a handler for all other traps
   */
  static void write(List<CodeArena> code, int offset, long goOn, long otherwise) {
    TrapRoutine routine = new TrapRoutine(code.get(0).arena());
    routine.moveTo(offset);
    routine.emit(code, goOn, otherwise);
  }

  private void emit(List<CodeArena> code, long goOn, long otherwise) {
    List<Integer> found = new ArrayList<>();
    emit(0x48, 0x8b, 0x82); // mov rax, [rdx + rip]
    int32(UCONTEXT_RIP);
    for (CodeArena each : code) {
      emit(0x48, 0xb9); // mov rcx, start
      int64(each.arena().address());
      emit(0x49, 0x89, 0xc0); // mov r8, rax
      emit(0x49, 0x29, 0xc8); // sub r8, rcx
      emit(0x49, 0x81, 0xf8); // cmp r8, size
      int32(each.arena().size());
      found.add(jumpIf(BELOW));
    }
    long sorted = here();
    jumpTo(otherwise);
    found.forEach(site -> link(site, here()));
    emit(0x8b, 0x4e, Signals.SI_CODE_OFFSET); // mov ecx, [rsi + si_code]
    emit(0x85, 0xc9); // test ecx, ecx
    link(jumpIf(LESS_OR_EQUAL), sorted);
    emit(0x80, 0x78, 0xff, 0xcc); // cmp byte [rax - 1], int3
    final int ifInside = jumpIf(NOT_EQUAL);
    emit(0x48, 0x8b, 0x48, Exits.DESTINATION_AT - 1); // mov rcx, [rax + destination]
    emit(0x48, 0x85, 0xc9); // test rcx, rcx
    int ifKnown = jumpIf(NOT_EQUAL);
    load(RCX, ThreadArea.TARGET);
    link(ifKnown, here());
    emit(0x48, 0x89, 0x8a); // mov [rdx + rip], rcx
    int32(UCONTEXT_RIP);
    load(6, ThreadArea.PROGRAM_GS); // mov rsi, gs:[base]
    emit(0xbf); // mov edi, ARCH_SET_GS
    int32(ARCH_SET_GS);
    emit(0xb8); // mov eax, arch_prctl
    int32(ARCH_PRCTL);
    emit(0x0f, 0x05); // syscall
    link(ifInside, here());
    jumpTo(goOn);
  }

  private void jumpTo(long address) {
    emit(0x48, 0xb8); // mov rax, address
    int64(address);
    emit(0xff, 0xe0); // jmp rax
  }
}
