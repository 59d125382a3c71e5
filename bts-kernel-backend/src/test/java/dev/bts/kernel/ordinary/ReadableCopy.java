package dev.bts.kernel.ordinary;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Copies of files for a user who may not enter the directories that the originals lie in. */
public final class ReadableCopy {
  private ReadableCopy() {}

  /** Copies what is on the class path: it may lie below directories that only root may enter. */
  public static String ofClassPath(Path copies) throws IOException {
    List<String> copied = new ArrayList<>();
    int number = 0;
    for (String element : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path original = Path.of(element);
      if (Files.exists(original)) {
        Path copy = copies.resolve(number++ + "-" + original.getFileName());
        copy(original, copy);
        copied.add(copy.toString());
      }
    }
    return String.join(File.pathSeparator, copied);
  }

  /** Copies a file or a tree so that everybody may read it. */
  public static void copy(Path original, Path copy) throws IOException {
    try (Stream<Path> files = Files.walk(original)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        // An empty relative path would resolve to a name of its own for a plain file.
        Path target = file.equals(original) ? copy : copy.resolve(original.relativize(file));
        Files.createDirectories(target.getParent());
        Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        Set<PosixFilePermission> all = new HashSet<>(Files.getPosixFilePermissions(target));
        all.addAll(
            PosixFilePermissions.fromString(Files.isDirectory(target) ? "r-xr-xr-x" : "r--r--r--"));
        Files.setPosixFilePermissions(target, all);
      }
    }
  }
}
