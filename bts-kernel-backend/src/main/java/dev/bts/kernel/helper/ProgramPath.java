package dev.bts.kernel.helper;

import dev.bts.api.Explanation;
import dev.bts.api.TargetException;
import dev.bts.kernel.sys.Descriptors;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Sys;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Finds a program as execvp(3) does: a name with a slash is taken as it is, any other is looked up
 * in the directories of PATH, of which an empty one is the working directory. Files that exist but
 * must not be executed are passed over, and remembered for the error.
 */
final class ProgramPath {
  /** The directories where PATH is not set (glibc's confstr(_CS_PATH)). */
  private static final byte[] DEFAULT = KernelText.encode("/bin:/usr/bin");

  private static final byte[] VARIABLE = KernelText.encode("PATH=");

  /** PATH_MAX, the terminating NUL included. */
  private static final int MAX_BYTES = 4096;

  private final HelperProcess helper;
  private final long place;

  /** Looks with the eyes of a helper: its user, its working directory, its root. */
  ProgramPath(HelperProcess helper) {
    this.helper = helper;
    this.place = helper.map(MAX_BYTES);
  }

  /**
   * Returns the path of a program.
   *
   * @param environment that of the command
   * @throws TargetException if there is none that can be executed
   */
  byte[] resolve(byte[] name, List<byte[]> environment) {
    String asked = "trace '" + KernelText.decode(name) + "'";
    boolean direct = indexOf(name, '/', 0) >= 0;
    byte[] path = direct ? new byte[0] : path(environment);
    List<byte[]> candidates = direct ? List.of(name) : candidates(name, path);
    byte[] denied = null;
    for (byte[] candidate : candidates) {
      long found = look(candidate);
      if (found == 0) {
        return candidate;
      }
      // In a directory of PATH that must not be searched, nobody knows whether there is such a
      // file.
      boolean known = direct || access(candidate, Descriptors.F_OK) == 0;
      if (found == -Errno.EACCES && known && denied == null) {
        denied = candidate;
      }
    }
    if (denied != null) {
      throw new TargetException(
          new Explanation(
              asked,
              "not executable: " + KernelText.decode(denied),
              "it must be a file with execute permission (chmod +x) for this user"),
          TargetException.Reason.NOT_EXECUTABLE);
    }
    throw new TargetException(
        new Explanation(
            asked,
            "not found: no such file" + (direct ? "" : " in PATH " + KernelText.decode(path)),
            direct ? "check the path" : "check the name, or give a path with a slash"),
        TargetException.Reason.NOT_FOUND);
  }

  private static List<byte[]> candidates(byte[] name, byte[] path) {
    List<byte[]> candidates = new ArrayList<>();
    for (int from = 0; from <= path.length; ) {
      int colon = indexOf(path, ':', from);
      int to = colon < 0 ? path.length : colon;
      ByteArrayOutputStream candidate = new ByteArrayOutputStream();
      candidate.write(path, from, to - from);
      if (to > from) {
        candidate.write('/');
      }
      candidate.writeBytes(name);
      candidates.add(candidate.toByteArray());
      from = to + 1;
    }
    return candidates;
  }

  /** Returns 0 for an executable file, else the errno that execve(2) would answer. */
  private long look(byte[] path) {
    // A directory may be "executed" as far as access(2) is concerned, and is the only file that has
    // an entry named dot.
    byte[] dot = Arrays.copyOf(path, path.length + 2);
    dot[path.length] = '/';
    dot[path.length + 1] = '.';
    return access(dot, Descriptors.F_OK) == 0 ? -Errno.EACCES : access(path, Descriptors.X_OK);
  }

  private long access(byte[] path, int mode) {
    if (path.length >= MAX_BYTES) {
      return -Errno.ENAMETOOLONG;
    }
    helper.write(place, Arrays.copyOf(path, path.length + 1));
    return helper.call(Sys.ACCESS, place, mode);
  }

  private static byte[] path(List<byte[]> environment) {
    for (byte[] variable : environment) {
      if (variable.length >= VARIABLE.length
          && Arrays.equals(variable, 0, VARIABLE.length, VARIABLE, 0, VARIABLE.length)) {
        return Arrays.copyOfRange(variable, VARIABLE.length, variable.length);
      }
    }
    return DEFAULT;
  }

  private static int indexOf(byte[] text, char wanted, int from) {
    for (int i = from; i < text.length; i++) {
      if (text[i] == wanted) {
        return i;
      }
    }
    return -1;
  }
}
