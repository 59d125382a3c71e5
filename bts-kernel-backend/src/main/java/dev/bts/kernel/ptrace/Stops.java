package dev.bts.kernel.ptrace;

import dev.bts.api.Explanation;
import dev.bts.api.KernelException;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.NativeBuffer;
import dev.bts.kernel.sys.Ptrace;
import dev.bts.kernel.sys.Signals;
import java.nio.ByteBuffer;

/** Questions to, and orders for, a stopped task: thin, typed and checked ptrace calls. */
final class Stops implements AutoCloseable {
  private static final int WORD_BYTES = 8;

  private final NativeBuffer word = new NativeBuffer(WORD_BYTES);
  private final NativeBuffer siginfo = new NativeBuffer(Signals.SIGINFO_BYTES);

  /** Returns a result, or says by exception that the task is gone or the kernel refused. */
  static long demand(int tid, long result) {
    if (result == -Errno.ESRCH) {
      throw new TaskVanished(tid);
    }
    if (result == -Errno.EPERM) {
      throw new KernelException(
          new Explanation(
              "control task " + tid,
              "the kernel answered EPERM: a program that has made itself not dumpable (prctl(2))"
                  + " hides its memory from ordinary users",
              "trace it as root"),
          Errno.EPERM);
    }
    return Errno.check(result, "control task " + tid);
  }

  /** Lets a stopped task run in a ptrace mode, with a signal delivered (0: none). */
  static void resume(int request, int tid, int signal) {
    // A task that is not resumed stands in the middle of what it did.
    demand(tid, Ptrace.insist(request, tid, 0, signal));
  }

  /** Returns the message of a ptrace event: a new task's id, or an exit status. */
  long eventMessage(int tid) {
    demand(tid, Ptrace.call(Ptrace.GETEVENTMSG, tid, 0, word.address()));
    return word.bytes().getLong(0);
  }

  /** Returns the set of signals that the task blocks. */
  long signalMask(int tid) {
    demand(tid, Ptrace.call(Ptrace.GETSIGMASK, tid, Signals.SET_BYTES, word.address()));
    return word.bytes().getLong(0);
  }

  /** Sets the set of signals that the task blocks. */
  void setSignalMask(int tid, long mask) {
    word.bytes().putLong(0, mask);
    demand(tid, Ptrace.call(Ptrace.SETSIGMASK, tid, Signals.SET_BYTES, word.address()));
  }

  /** Returns si_code of the signal that the task stopped for. */
  int signalCode(int tid) {
    demand(tid, Ptrace.call(Ptrace.GETSIGINFO, tid, 0, siginfo.address()));
    return siginfo.bytes().getInt(Signals.SI_CODE_OFFSET);
  }

  /** Returns the siginfo_t of the signal that the task stopped for. */
  byte[] signalInfo(int tid) {
    demand(tid, Ptrace.call(Ptrace.GETSIGINFO, tid, 0, siginfo.address()));
    byte[] info = new byte[Signals.SIGINFO_BYTES];
    siginfo.bytes().get(0, info);
    return info;
  }

  /**
   * Makes the SIGTRAP that the task stopped for one of a step, which {@link Rescue} understands.
   */
  void disguiseTrap(int tid) {
    siginfo.clear();
    siginfo.bytes().putInt(0, Signals.SIGTRAP).putInt(Signals.SI_CODE_OFFSET, Signals.TRAP_TRACE);
    demand(tid, Ptrace.call(Ptrace.SETSIGINFO, tid, 0, siginfo.address()));
  }

  /** Replaces the siginfo_t of the signal that the task stopped for. */
  void setSignalInfo(int tid, byte[] info) {
    siginfo.bytes().put(0, info);
    demand(tid, Ptrace.call(Ptrace.SETSIGINFO, tid, 0, siginfo.address()));
  }

  /**
   * Writes bytes into the task's memory, whatever its protection: private pages are copied first.
   */
  void poke(int tid, long address, byte[] content) {
    ByteBuffer padded =
        ByteBuffer.allocate((content.length + WORD_BYTES - 1) / WORD_BYTES * WORD_BYTES)
            .order(java.nio.ByteOrder.LITTLE_ENDIAN);
    padded.put(0, content);
    for (int at = 0; at < content.length; at += WORD_BYTES) {
      long value = padded.getLong(at);
      int own = Math.min(WORD_BYTES, content.length - at);
      if (own < WORD_BYTES) {
        long keep = -1L << (own * Byte.SIZE);
        value = (value & ~keep) | (peek(tid, address + at) & keep);
      }
      pokeWord(tid, address + at, value);
    }
  }

  /** Writes eight bytes into the task's memory. */
  void pokeWord(int tid, long address, long value) {
    demand(tid, Ptrace.call(Ptrace.POKEDATA, tid, address, value));
  }

  /** Reads eight bytes of the task's memory. */
  long peek(int tid, long address) {
    demand(tid, Ptrace.call(Ptrace.PEEKDATA, tid, address, word.address()));
    return word.bytes().getLong(0);
  }

  @Override
  public void close() {
    word.close();
    siginfo.close();
  }
}
