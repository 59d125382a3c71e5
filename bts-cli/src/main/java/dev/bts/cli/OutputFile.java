package dev.bts.cli;

import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.KernelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file that a verb makes of another one. */
final class OutputFile {
  private OutputFile() {}

  /**
   * Refuses to write over what is yet to be read; to be called before the file is opened.
   *
   * @throws InvalidRequestException if both are one file, by whatever names
   * @throws KernelException if that cannot be found out
   */
  static void refuseIfRead(String verb, Path input, Path output) {
    try {
      if (Files.exists(input) && Files.exists(output) && Files.isSameFile(input, output)) {
        throw new InvalidRequestException(
            new Explanation(
                verb + " " + input + " to " + output,
                "both are the same file, which would be lost before it was read",
                "name another file after -o"));
      }
    } catch (IOException e) {
      throw new KernelException(
          new Explanation(
              verb + " " + input + " to " + output,
              String.valueOf(e.getMessage()),
              "name files that may be read and written"),
          0,
          e);
    }
  }
}
