package dev.bts.kernel.helper;

import dev.bts.api.Explanation;
import dev.bts.api.KernelException;
import dev.bts.kernel.sys.Boundary;
import dev.bts.kernel.sys.Descriptors;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.NativeBuffer;
import dev.bts.kernel.sys.Ptrace;
import dev.bts.kernel.sys.Signals;
import dev.bts.kernel.sys.Spawn;
import dev.bts.kernel.sys.Sys;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * A child process that executes system calls on request, and nothing else.
 *
 * <p>It is one thread without a C library. Of the JVM it has the standard streams, user, limits,
 * environment of cgroups and namespaces, and no other descriptor: a helper keeps nobody's pipe open
 * and nobody's buffer charged. It ends when it is closed, and at the latest when the JVM does,
 * however that ends, because the kernel then closes its channel.
 *
 * <p>To the process the caller may do what is done to children, tracing included; but while it is
 * stopped, {@link #call} waits. One thread at a time.
 */
public final class HelperProcess implements AutoCloseable {
  private final int pid;
  private final CallChannel channel;

  /** Whether the process has become another program and belongs to whoever asked for that. */
  private boolean handedOver;

  private boolean closed;

  private HelperProcess(int pid, int channel) {
    this.pid = pid;
    this.channel = new CallChannel(pid, channel, HelperImage.CHANNEL);
  }

  /**
   * Starts a helper: from a memfd, or, where those must not be executed ({@code vm.memfd_noexec=2},
   * a security module), from a file in {@code java.io.tmpdir} that is removed at once.
   *
   * @throws KernelException if neither can be executed
   */
  public static HelperProcess start() {
    byte[] image = HelperImage.bytes();
    KernelException refused;
    try (ExecutableFile program = ExecutableFile.inMemory(image)) {
      return start(program);
    } catch (KernelException e) {
      if (e.errno() != Errno.EACCES && e.errno() != Errno.EPERM && e.errno() != Errno.ENOSYS) {
        throw e;
      }
      refused = e;
    }
    Path directory = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    try (ExecutableFile program = ExecutableFile.in(directory, image)) {
      return start(program);
    } catch (KernelException e) {
      e.addSuppressed(refused);
      throw new KernelException(
          new Explanation(
              "start a helper process",
              refused.explanation().asked()
                  + ": "
                  + refused.explanation().obstacle()
                  + "; "
                  + e.explanation().asked()
                  + ": "
                  + e.explanation().obstacle(),
              "allow executable memfds (sysctl vm.memfd_noexec=0), or set -Djava.io.tmpdir to a"
                  + " directory that is not mounted noexec"),
          e.errno(),
          e);
    }
  }

  static HelperProcess start(ExecutableFile program) {
    int[] ends = CallChannel.pair();
    int ours = ends[0];
    int theirs = ends[1];
    HelperProcess helper = null;
    boolean ready = false;
    try {
      helper = new HelperProcess(spawn(program, theirs), ours);
      helper.closeInheritedDescriptors();
      ready = true;
      return helper;
    } finally {
      Descriptors.close(theirs);
      if (!ready) {
        if (helper == null) {
          Descriptors.close(ours);
        } else {
          helper.close();
        }
      }
    }
  }

  private static int spawn(ExecutableFile program, int channel) {
    // dup2 of a descriptor onto itself would leave it close-on-exec in glibc before 2.29.
    int distinct =
        (int)
            Errno.check(
                Sys.call(
                    Sys.FCNTL, channel, Descriptors.F_DUPFD_CLOEXEC, HelperImage.CHANNEL + 1, 0),
                "duplicate a descriptor");
    try {
      return (int)
          Errno.check(
              Spawn.start(program.path(), "bts-helper", distinct, HelperImage.CHANNEL),
              "execute " + program.path());
    } finally {
      Descriptors.close(distinct);
    }
  }

  /**
   * Closes what the JVM left open across exec: sockets, pipes, and what it inherited itself. The
   * two cannot be told apart afterwards, so a command that is started through a helper gets the
   * standard streams only, as one that is started with ProcessBuilder does.
   */
  private void closeInheritedDescriptors() {
    // posix_spawn returns when the exec has taken the new memory, before it has closed what is
    // close-on-exec. The first answer comes after that.
    call(Sys.GETPID);
    String[] names = new File("/proc/" + pid + "/fd").list();
    if (names == null) {
      throw CallChannel.ended("list the descriptors of helper process " + pid);
    }
    for (String name : names) {
      int descriptor = Integer.parseInt(name);
      if (descriptor > Descriptors.STANDARD_ERROR && descriptor != HelperImage.CHANNEL) {
        Errno.check(call(Sys.CLOSE, descriptor), "close a descriptor of a helper process");
      }
    }
    Errno.check(
        call(Sys.FCNTL, HelperImage.CHANNEL, Descriptors.F_SETFD, Descriptors.FD_CLOEXEC),
        "mark the channel of a helper process close-on-exec");
  }

  /** Returns its process id. */
  public int pid() {
    return pid;
  }

  /**
   * Makes a system call in the helper and waits for it.
   *
   * @param arguments at most six, the rest is zero
   * @return the result, or a negative errno
   * @throws KernelException if the helper is gone
   */
  public long call(int number, long... arguments) {
    return channel.call(number, arguments);
  }

  /** Makes a system call in the helper that does not return, such as exit_group(2). */
  public void send(int number, long... arguments) {
    channel.send(number, arguments);
  }

  /** Returns the channel, which serves the helper's children too. */
  public CallChannel channel() {
    return channel;
  }

  /**
   * Executes another program in the helper's process, which from then on is no helper any more and
   * belongs to the caller, who must reap it.
   *
   * @param path the address of a string
   * @param arguments the address of a vector, see {@link #placeStrings}
   * @param environment the address of a vector
   * @return 0 if the program was started (the kernel closed the channel in doing so), or a negative
   *     errno: then the helper is as before
   */
  long execute(long path, long arguments, long environment) {
    return Boundary.call(
        Boundary.Side.HELPER,
        Sys.EXECVE,
        path,
        pid,
        () -> {
          send(Sys.EXECVE, path, arguments, environment);
          OptionalLong answer = channel.answer();
          handedOver = answer.isEmpty();
          return answer.orElse(0);
        });
  }

  /** Maps zeroed memory in the helper, for as long as it lives; returns its address. */
  public long map(long bytes) {
    return Errno.check(
        call(
            Sys.MMAP,
            0,
            bytes,
            Mapping.PROT_READ | Mapping.PROT_WRITE,
            Mapping.MAP_PRIVATE | Mapping.MAP_ANONYMOUS,
            -1,
            0),
        "map memory in a helper process");
  }

  /** Copies bytes to an address of the helper. */
  public void write(long address, byte[] bytes) {
    channel.write(address, bytes);
  }

  /** Copies bytes into new memory of the helper; returns their address. */
  public long place(byte[] bytes) {
    long address = map(Math.max(1, bytes.length));
    write(address, bytes);
    return address;
  }

  /** Places a NUL-terminated string. */
  public long placeString(byte[] text) {
    return place(Arrays.copyOf(text, text.length + 1));
  }

  /** Places strings and a NULL-terminated vector of their addresses; returns the vector's. */
  public long placeStrings(List<byte[]> strings) {
    int vectorBytes = (strings.size() + 1) * Long.BYTES;
    long bytes = vectorBytes;
    for (byte[] text : strings) {
      bytes += text.length + 1;
    }
    long address = map(bytes);
    ByteBuffer image = ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
    image.position(vectorBytes);
    for (int i = 0; i < strings.size(); i++) {
      image.putLong(i * Long.BYTES, address + image.position());
      image.put(strings.get(i)).put((byte) 0);
    }
    write(address, image.array());
    return address;
  }

  /**
   * Ends and reaps the helper; without effect on a program that it has become. The wait is for its
   * pid alone: statuses of other children are somebody else's.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    channel.close();
    if (!handedOver) {
      // Not left to the end of the channel: the helper may be in a call that does not return.
      Sys.call(Sys.KILL, pid, Signals.SIGKILL);
      reap();
      if (channel.mayLeaveSegment()) {
        OwnSegment.removeLeftBy(pid);
      }
    }
  }

  private void reap() {
    try (NativeBuffer status = new NativeBuffer(Integer.BYTES)) {
      while (true) {
        long waited = Sys.call(Sys.WAIT4, pid, status.address(), Ptrace.WALL, 0);
        if (waited == -Errno.EINTR) {
          continue;
        }
        if (waited < 0 || !Ptrace.stopped(status.bytes().getInt(0))) {
          return;
        }
        // The exit stop of a helper that this thread traces.
        Ptrace.call(Ptrace.CONT, pid, 0, 0);
      }
    }
  }
}
