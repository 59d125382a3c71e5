package dev.bts.kernel.helper;

import dev.bts.api.Explanation;
import dev.bts.api.KernelException;
import dev.bts.kernel.sys.Boundary;
import dev.bts.kernel.sys.Descriptors;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.NativeBuffer;
import dev.bts.kernel.sys.Sockets;
import dev.bts.kernel.sys.Sys;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The channel to a process or thread that executes system calls on request: a helper, or what it
 * has forked. Closing it ends a process at the other end that waits for a request.
 */
public final class CallChannel implements AutoCloseable {
  /** A chunk of at most one page arrives in one read: it is one buffer of the socket. */
  private static final int CHUNK_BYTES = 4096;

  private final int id;
  private final int ours;
  private int theirs;
  private long scratch;
  private boolean closed;
  private boolean mayLeaveSegment;

  /** Why nobody knows any more what the other end expects or answers next. */
  private @Nullable KernelException failure;

  /** A request, and bytes that it asks for. */
  private final NativeBuffer message = new NativeBuffer(HelperImage.REQUEST_BYTES + CHUNK_BYTES);

  private final NativeBuffer number = new NativeBuffer(Integer.BYTES);
  private final NativeBuffer answer = new NativeBuffer(HelperImage.ANSWER_BYTES);

  /**
   * Describes a channel.
   *
   * @param id of the process or thread at the other end
   * @param ours our end, which is closed with the channel
   * @param theirs the number of its end there
   */
  CallChannel(int id, int ours, int theirs) {
    this.id = id;
    this.ours = ours;
    this.theirs = theirs;
  }

  /** Returns the id of the process or thread at the other end. */
  public int id() {
    return id;
  }

  /**
   * Makes a system call at the other end and waits for it.
   *
   * @return the result, or a negative errno
   * @throws KernelException if the process is gone
   */
  public long call(int number, long... arguments) {
    return Boundary.call(
        Boundary.Side.HELPER,
        number,
        arguments.length == 0 ? 0 : arguments[0],
        id,
        () -> {
          send(number, arguments);
          return receive(number);
        });
  }

  /** Makes a system call that does not return. */
  public void send(int number, long... arguments) {
    request(theirs, number, arguments);
  }

  /** Returns the answer to what was sent, empty if the other end is closed. */
  OptionalLong answer() {
    return read(answer, 0, HelperImage.ANSWER_BYTES)
        ? OptionalLong.of(answer.bytes().getLong(0))
        : OptionalLong.empty();
  }

  /** Copies bytes to an address at the other end. */
  public void write(long address, byte[] bytes) {
    for (int at = 0; at < bytes.length; at += CHUNK_BYTES) {
      int length = Math.min(CHUNK_BYTES, bytes.length - at);
      putRequest(theirs, Sys.READ, theirs, address + at, length);
      message.bytes().put(HelperImage.REQUEST_BYTES, bytes, at, length);
      // Together, so that a request whose bytes cannot be sent is not sent either.
      transmit(HelperImage.REQUEST_BYTES + length);
      long read = receive(Sys.READ);
      if (read != length) {
        // What was not read there would be taken for a request.
        throw lost(notCopied(length, read));
      }
    }
  }

  /** Says whether the process may have an {@link OwnSegment} that nobody has removed yet. */
  void setMayLeaveSegment(boolean may) {
    mayLeaveSegment = may;
  }

  boolean mayLeaveSegment() {
    return mayLeaveSegment;
  }

  /** Has every later request fail in the same way. */
  private KernelException lost(KernelException why) {
    failure = why;
    return why;
  }

  private static KernelException notCopied(int length, long read) {
    String arrived =
        Errno.isError(read) ? "the kernel answered " + Errno.name((int) -read) : read + " arrived";
    return new KernelException(
        new Explanation(
            "copy " + length + " bytes into a helper process",
            arrived,
            "the address must be writable for all of them"),
        Errno.isError(read) ? (int) -read : 0);
  }

  /**
   * Has memory at the other end used for messages that pass descriptors, which children inherit.
   *
   * @param address of {@link Sockets#RIGHTS_BYTES} that can be written
   */
  public void scratch(long address) {
    scratch = address;
  }

  /**
   * Makes a child of the process at the other end, with a channel of its own.
   *
   * @param flags of clone(2)
   * @param stack 0 for a copy of the parent's; else an address in common memory with room for a
   *     request behind it
   * @param sharesFiles whether it has the same table of descriptors
   */
  public CallChannel fork(long flags, long stack, boolean sharesFiles) {
    int[] ends = pair();
    int next;
    try {
      next = give(ends[1]);
    } catch (KernelException e) {
      Descriptors.close(ends[0]);
      throw e;
    } finally {
      Descriptors.close(ends[1]);
    }
    if (stack != 0) {
      ByteBuffer word = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      write(stack + HelperImage.NEXT_CHANNEL_OFFSET, word.putLong(0, next).array());
    }
    request(next, Sys.CLONE, flags, stack);
    long child = receive(Sys.CLONE);
    if (Errno.isError(child)) {
      Descriptors.close(ends[0]);
      Errno.check(child, "make a child of a helper process");
    }
    CallChannel channel = new CallChannel((int) child, ends[0], next);
    channel.scratch = scratch;
    // The child answers the call too, with 0 and on its own channel: then it is ready.
    channel.receive(Sys.CLONE);
    if (!sharesFiles) {
      channel.call(Sys.CLOSE, theirs);
      call(Sys.CLOSE, next);
    }
    return channel;
  }

  /** Gives a descriptor to the process at the other end; returns its number there. */
  public int give(int descriptor) {
    write(scratch, Sockets.rights(scratch, -1));
    try (NativeBuffer rights = new NativeBuffer(Sockets.RIGHTS_BYTES)) {
      rights.bytes().put(0, Sockets.rights(rights.address(), descriptor));
      send(Sys.RECVMSG, theirs, scratch, 0);
      meet(
          Sys.call(Sys.SENDMSG, ours, rights.address(), Sockets.MSG_NOSIGNAL, 0),
          "pass a descriptor to a helper process");
    }
    Errno.check(receive(Sys.RECVMSG), "receive a descriptor in a helper process");
    send(Sys.WRITE, theirs, scratch + Sockets.RIGHTS_DESCRIPTOR_OFFSET, Integer.BYTES);
    read(number, 0, Integer.BYTES);
    Errno.check(receive(Sys.WRITE), "read the number of a descriptor in a helper process");
    return number.bytes().getInt(0);
  }

  /**
   * Takes a descriptor from the process at the other end, which keeps its own.
   *
   * @return the number here, to be closed by the caller, or a negative errno
   */
  public int take(int descriptor) {
    write(scratch, Sockets.rights(scratch, descriptor));
    try (NativeBuffer rights = new NativeBuffer(Sockets.RIGHTS_BYTES)) {
      rights.bytes().put(0, Sockets.rights(rights.address(), -1));
      send(Sys.SENDMSG, theirs, scratch, 0);
      meet(
          Sys.call(Sys.RECVMSG, ours, rights.address(), Sockets.MSG_CMSG_CLOEXEC, 0),
          "take a descriptor from a helper process");
      if (rights.bytes().getLong(Sockets.RIGHTS_CONTROL_LENGTH_OFFSET) == 0) {
        // Refused there: what came is the answer's first byte.
        answer.bytes().put(0, rights.bytes().get(Sockets.RIGHTS_DATA_OFFSET));
        read(answer, 1, HelperImage.ANSWER_BYTES);
        return (int) answer.bytes().getLong(0);
      }
      Errno.check(receive(Sys.SENDMSG), "pass a descriptor from a helper process");
      return rights.bytes().getInt(Sockets.RIGHTS_DESCRIPTOR_OFFSET);
    }
  }

  /** Checks a call that the other end's goes with: without it what comes next is taken for that. */
  private void meet(long result, String asked) {
    try {
      Errno.check(result, asked);
    } catch (KernelException refused) {
      throw lost(refused);
    }
  }

  /**
   * Executes the helper's program anew in the process at the other end, which keeps its id.
   *
   * @param path the address of a path of the program there
   * @param arguments the address of its arguments there
   * @return 0, or a negative errno
   */
  public long restart(long path, long arguments) {
    if (theirs != HelperImage.CHANNEL) {
      Errno.check(call(Sys.DUP2, theirs, HelperImage.CHANNEL), "duplicate a descriptor");
      int before = theirs;
      theirs = HelperImage.CHANNEL;
      // Its result is 0, so the program goes on with the other number.
      Errno.check(call(Sys.CLOSE, before), "close a descriptor of a helper process");
    }
    send(Sys.EXECVE, path, arguments, 0);
    // An answer comes only if the call is refused; this one comes from whichever program it is.
    send(Sys.GETPID);
    long first = receive(Sys.EXECVE);
    if (first >= 0) {
      return 0;
    }
    receive(Sys.GETPID);
    return first;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Descriptors.close(ours);
      message.close();
      number.close();
      answer.close();
    }
  }

  /** Returns the failure of a call whose process has ended. */
  static KernelException ended(String asked) {
    return broken(asked, "the helper has ended", Errno.ESRCH);
  }

  private static KernelException broken(String asked, String obstacle, int errno) {
    return new KernelException(
        new Explanation(
            asked,
            obstacle,
            "a signal to the process group ends it too, and so does its parent's end"),
        errno);
  }

  /** Returns the failure of a call on this end of the channel, which the kernel answered. */
  private static KernelException broken(String asked, int errno) {
    return errno == Errno.EPIPE || errno == Errno.ECONNRESET
        ? broken(asked, "the helper has ended (" + Errno.name(errno) + ")", Errno.ESRCH)
        : broken(asked, "the kernel answered " + Errno.name(errno), errno);
  }

  /** Returns our end and the other one of a new channel, to be closed by the caller. */
  static int[] pair() {
    try (NativeBuffer pair = new NativeBuffer(Sockets.PAIR_BYTES)) {
      // Close-on-exec, so that no other child of the JVM holds an end: an end held elsewhere would
      // keep this helper alive after the JVM.
      Errno.check(
          Sys.call(
              Sys.SOCKETPAIR,
              Sockets.AF_UNIX,
              Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC,
              0,
              pair.address()),
          "create a channel to a helper process");
      return new int[] {pair.bytes().getInt(0), pair.bytes().getInt(Integer.BYTES)};
    }
  }

  private void request(int next, int number, long... arguments) {
    putRequest(next, number, arguments);
    transmit(HelperImage.REQUEST_BYTES);
  }

  private void putRequest(int next, int number, long... arguments) {
    ByteBuffer request = message.bytes();
    request.putLong(0, number);
    for (int i = 0; i < HelperImage.ARGUMENTS; i++) {
      request.putLong((i + 1) * Long.BYTES, i < arguments.length ? arguments[i] : 0);
    }
    request.putLong(HelperImage.NEXT_CHANNEL_OFFSET, next);
  }

  private void transmit(int length) {
    if (failure != null) {
      throw failure;
    }
    int sent = 0;
    while (sent < length) {
      long result =
          Sys.call(
              Sys.SENDTO,
              ours,
              message.address() + sent,
              length - sent,
              Sockets.MSG_NOSIGNAL,
              0,
              0);
      if (result == -Errno.EINTR) {
        continue;
      }
      if (result < 0) {
        KernelException refused = broken("send a request to helper process " + id, (int) -result);
        throw sent > 0 ? lost(refused) : refused;
      }
      sent += (int) result;
    }
  }

  private long receive(int number) {
    OptionalLong given = answer();
    if (given.isEmpty()) {
      throw lost(ended("make system call " + number + " in helper process " + id));
    }
    return given.getAsLong();
  }

  /** Returns whether so many bytes came; false: the channel was closed at the other end. */
  private boolean read(NativeBuffer into, int from, int to) {
    int received = from;
    while (received < to) {
      long result = Sys.call(Sys.READ, ours, into.address() + received, to - received, 0);
      if (result == -Errno.EINTR) {
        continue;
      }
      if (result == 0 || result == -Errno.ECONNRESET) {
        return false;
      }
      if (result < 0) {
        throw lost(broken("read the answer of helper process " + id, (int) -result));
      }
      received += (int) result;
    }
    return true;
  }
}
