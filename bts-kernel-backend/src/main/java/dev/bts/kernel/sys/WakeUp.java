package dev.bts.kernel.sys;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import dev.bts.api.Explanation;
import dev.bts.api.KernelException;

/**
 * A real-time signal that does nothing but end a blocking system call with EINTR.
 *
 * <p>Its handler is {@code abs(3)}: a function of the C library that takes an int, touches nothing
 * and returns, so it may run at any moment in any thread. The signal is the highest real-time
 * signal that nobody in this process uses.
 */
public final class WakeUp {
  private static final int FIRST_REALTIME = 34;
  private static final WakeUp INSTANCE = new WakeUp();

  private final int signal;
  private final int pid = (int) Sys.call(Sys.GETPID, 0, 0);

  private WakeUp() {
    signal = freeSignal();
    Pointer handler = NativeLibrary.getInstance("c").getFunction("abs");
    try (NativeBuffer action = new NativeBuffer(LibcSigaction.BYTES)) {
      action.bytes().putLong(LibcSigaction.HANDLER_OFFSET, Pointer.nativeValue(handler));
      // No SA_RESTART: the call that is interrupted must come back. The C library adds the
      // restorer.
      if (Libc.sigaction(signal, action.address(), 0) != 0) {
        throw new KernelException(
            new Explanation("install a handler for signal " + signal, "sigaction(3) failed", ""),
            0);
      }
    }
  }

  /** Returns the wake-up signal of this process. */
  public static WakeUp get() {
    return INSTANCE;
  }

  private static int freeSignal() {
    try (NativeBuffer present = new NativeBuffer(LibcSigaction.BYTES)) {
      for (int candidate = Signals.COUNT; candidate >= FIRST_REALTIME; candidate--) {
        if (Libc.sigaction(candidate, 0, present.address()) == 0
            && present.bytes().getLong(LibcSigaction.HANDLER_OFFSET) == 0) {
          return candidate;
        }
      }
    }
    throw new KernelException(
        new Explanation(
            "find a free real-time signal", "all of them have handlers in this process", ""),
        0);
  }

  /** Ends the blocking system call that a thread of this process is in, if any. */
  public void send(int tid) {
    Sys.call(Sys.TGKILL, pid, tid, signal, 0);
  }
}
