package dev.bts.kernel.helper;

import dev.bts.kernel.sys.Sys;
import dev.bts.kernel.x86.Assembler;
import dev.bts.kernel.x86.Assembler.Register;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The helper's program: a static ELF file of one page that executes the system calls which it reads
 * from {@link #CHANNEL}.
 *
 * <p>A request is eight 64-bit words: number and six arguments of a call, and the descriptor that
 * whoever gets the result 0 goes on with. A child that a call makes gets 0 and so has a channel of
 * its own; for all other calls the word is the present channel. The answer is one word: what the
 * kernel left in rax. The program ends when its channel does, so it cannot outlive the JVM.
 */
final class HelperImage {
  /** The descriptor of the helper that requests come from and answers go to. */
  static final int CHANNEL = 3;

  /** The size of a request in bytes. */
  static final int REQUEST_BYTES = 8 * Long.BYTES;

  /** The offset of the channel that a result of 0 goes on with. */
  static final int NEXT_CHANNEL_OFFSET = 7 * Long.BYTES;

  /** How many words of a request are arguments. */
  static final int ARGUMENTS = 6;

  /** The size of an answer in bytes. */
  static final int ANSWER_BYTES = Long.BYTES;

  /** Where the file is mapped; any address that leaves page 0 free would do. */
  private static final long BASE = 0x400000;

  private static final int ELF_HEADER_BYTES = 64;
  private static final int PROGRAM_HEADER_BYTES = 56;
  private static final int PROGRAM_HEADERS = 2;
  private static final int CODE_OFFSET = ELF_HEADER_BYTES + PROGRAM_HEADERS * PROGRAM_HEADER_BYTES;

  private static final byte[] ELF_IDENT = {
    0x7f, 'E', 'L', 'F', /* 64 bits */ 2, /* little endian */ 1, /* version */ 1, /* System V */ 0
  };

  private static final int IDENT_BYTES = 16;
  private static final short ET_EXEC = 2;
  private static final short EM_X86_64 = 62;
  private static final int EV_CURRENT = 1;
  private static final int PT_LOAD = 1;
  private static final int PT_GNU_STACK = 0x6474e551;
  private static final int PF_X = 1;
  private static final int PF_W = 2;
  private static final int PF_R = 4;
  private static final long PAGE_BYTES = 4096;

  private HelperImage() {}

  /** Returns the whole file. */
  static byte[] bytes() {
    byte[] code = code();
    int size = CODE_OFFSET + code.length;
    ByteBuffer file = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    file.put(ELF_IDENT).position(IDENT_BYTES);
    file.putShort(ET_EXEC).putShort(EM_X86_64).putInt(EV_CURRENT);
    file.putLong(BASE + CODE_OFFSET); // e_entry
    file.putLong(ELF_HEADER_BYTES); // e_phoff
    file.putLong(0).putInt(0); // e_shoff: no sections, e_flags
    file.putShort((short) ELF_HEADER_BYTES).putShort((short) PROGRAM_HEADER_BYTES);
    file.putShort((short) PROGRAM_HEADERS);
    file.putShort((short) 0).putShort((short) 0).putShort((short) 0); // sections
    programHeader(file, PT_LOAD, PF_R | PF_X, BASE, size, PAGE_BYTES);
    // Says that the stack need not be executable, which is the default without this header.
    programHeader(file, PT_GNU_STACK, PF_R | PF_W, 0, 0, IDENT_BYTES);
    file.put(code);
    return file.array();
  }

  private static void programHeader(
      ByteBuffer file, int type, int flags, long address, long size, long alignment) {
    file.putInt(type).putInt(flags);
    file.putLong(0); // p_offset
    file.putLong(address).putLong(address); // p_vaddr, p_paddr
    file.putLong(size).putLong(size); // p_filesz, p_memsz
    file.putLong(alignment);
  }

  private static byte[] code() {
    Assembler code = new Assembler(CODE_OFFSET);
    // Room for one request, a multiple of 16 bytes; rbx is the channel, system calls leave it
    // alone.
    code.reserveStack(REQUEST_BYTES).move(Register.RBX, CHANNEL);

    // read(channel, rsp, REQUEST_BYTES)
    int loop = code.here();
    code.move(Register.RAX, Sys.READ)
        .move(Register.RDI, Register.RBX)
        .move(Register.RSI, Register.RSP)
        .move(Register.RDX, REQUEST_BYTES)
        .systemCall();

    // Anything but a whole request is the end of the channel: exit_group(0).
    int whole = code.compareEax(REQUEST_BYTES).jumpIfEqual();
    code.move(Register.RAX, Sys.EXIT_GROUP).move(Register.RDI, 0).systemCall();
    code.land(whole);

    // The call itself: the number goes to rax, the arguments to the registers of syscall(2).
    code.loadFromStack(Register.RAX, 0)
        .loadFromStack(Register.RDI, Long.BYTES)
        .loadFromStack(Register.RSI, 2 * Long.BYTES)
        .loadFromStack(Register.RDX, 3 * Long.BYTES)
        .loadFromStack(Register.R10, 4 * Long.BYTES)
        .loadFromStack(Register.R8, 5 * Long.BYTES)
        .loadFromStack(Register.R9, 6 * Long.BYTES)
        .systemCall();

    // With a result of 0, a child's, the channel that was given is the one from now on.
    int zero = code.compareEax(0).jumpIfEqual();
    int kept = code.jump();
    code.land(zero);
    code.loadFromStack(Register.RBX, NEXT_CHANNEL_OFFSET);
    code.land(kept);

    // write(channel, rsp, ANSWER_BYTES), the answer being what the kernel left in rax.
    code.storeToStack(0, Register.RAX)
        .move(Register.RAX, Sys.WRITE)
        .move(Register.RDI, Register.RBX)
        .move(Register.RSI, Register.RSP)
        .move(Register.RDX, ANSWER_BYTES)
        .systemCall();

    return code.jumpBack(loop).bytes();
  }
}
