package dev.bts.kernel.helper;

import dev.bts.api.Explanation;
import dev.bts.api.KernelException;
import dev.bts.kernel.sys.Descriptors;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.NativeBuffer;
import dev.bts.kernel.sys.Sys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A file that holds a program just long enough to be started. */
interface ExecutableFile extends AutoCloseable {
  /** Returns the path to execute. */
  String path();

  /** Removes the file; a program that was started from it runs on. */
  @Override
  void close();

  /**
   * Returns a program in a memfd, which no file system sees.
   *
   * @throws KernelException if the kernel refuses
   */
  static ExecutableFile inMemory(byte[] program) {
    long created = createMemfd(Mapping.MFD_CLOEXEC | Mapping.MFD_EXEC);
    if (created == -Errno.EINVAL) {
      created = createMemfd(Mapping.MFD_CLOEXEC);
    }
    int memfd = (int) Errno.check(created, "create an executable memfd");
    try {
      // Out of the way of the descriptor that the program gets: dup2 onto it would replace the
      // file.
      long moved =
          Sys.call(Sys.FCNTL, memfd, Descriptors.F_DUPFD_CLOEXEC, HelperImage.CHANNEL + 1, 0);
      int descriptor = (int) Errno.check(moved, "duplicate a descriptor");
      try (NativeBuffer content = new NativeBuffer(program.length)) {
        content.bytes().put(0, program);
        long written = Sys.call(Sys.WRITE, descriptor, content.address(), program.length, 0);
        if (written != program.length) {
          Descriptors.close(descriptor);
          Errno.check(written < 0 ? written : -Errno.ENOSPC, "write a program into a memfd");
        }
      }
      return new InMemory(descriptor);
    } finally {
      Descriptors.close(memfd);
    }
  }

  private static long createMemfd(int flags) {
    try (NativeBuffer name = NativeBuffer.string("bts-helper")) {
      return Sys.call(Sys.MEMFD_CREATE, name.address(), flags);
    }
  }

  /**
   * Returns a program in a temporary file.
   *
   * @throws KernelException if it cannot be written
   */
  static ExecutableFile in(Path directory, byte[] program) {
    Set<PosixFilePermission> ownerOnly = PosixFilePermissions.fromString("rwx------");
    try {
      Path file =
          Files.createTempFile(
              directory, "bts-helper", "", PosixFilePermissions.asFileAttribute(ownerOnly));
      Files.write(file, program);
      return new OnDisk(file);
    } catch (IOException e) {
      throw new KernelException(
          new Explanation(
              "write a program into " + directory,
              e.toString(),
              "set -Djava.io.tmpdir to a directory that can be written"),
          0,
          e);
    }
  }

  /** A program in a memfd. */
  record InMemory(int descriptor) implements ExecutableFile {
    @Override
    public String path() {
      return "/proc/self/fd/" + descriptor;
    }

    @Override
    public void close() {
      Descriptors.close(descriptor);
    }
  }

  /** A program in a file. */
  record OnDisk(Path file) implements ExecutableFile {
    @Override
    public String path() {
      return file.toString();
    }

    @Override
    public void close() {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
