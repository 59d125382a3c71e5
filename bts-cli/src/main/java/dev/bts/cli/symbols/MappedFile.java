package dev.bts.cli.symbols;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A mapped file and what is known of its functions. */
final class MappedFile {
  private static final Path DEBUG_DIRECTORY = Path.of("/usr/lib/debug/.build-id");
  private static final int DIRECTORY_DIGITS = 2;

  private final String path;
  private final String note;
  private final @Nullable ElfImage image;
  private final @Nullable ElfImage debugImage;

  private MappedFile(
      String path, String note, @Nullable ElfImage image, @Nullable ElfImage debugImage) {
    this.path = path;
    this.note = note;
    this.image = image;
    this.debugImage = debugImage;
  }

  /**
   * Reads the symbols of a file if it is still the one that was traced; else it has a note.
   *
   * @param buildId the build id of the trace, empty if unknown
   */
  static MappedFile load(String path, String buildId) {
    if (!path.startsWith("/")) {
      return new MappedFile(path, "", null, null);
    }
    try {
      ElfImage image = ElfReader.read(Path.of(path));
      if (!buildId.isEmpty() && !buildId.equals(image.buildId())) {
        String note =
            path + ": its build id is " + image.buildId() + ", and " + buildId + " was traced";
        return new MappedFile(path, note, null, null);
      }
      return new MappedFile(path, "", image, separateDebugImage(image.buildId()));
    } catch (ElfException | InvalidPathException | IOException e) {
      return new MappedFile(path, path + ": no symbols: " + e.getMessage(), null, null);
    }
  }

  /** Returns the image of the installed debug symbols, null if there are none. */
  private static @Nullable ElfImage separateDebugImage(String buildId) throws IOException {
    if (buildId.length() <= DIRECTORY_DIGITS) {
      return null;
    }
    Path file =
        DEBUG_DIRECTORY
            .resolve(buildId.substring(0, DIRECTORY_DIGITS))
            .resolve(buildId.substring(DIRECTORY_DIGITS) + ".debug");
    try {
      return ElfReader.read(file);
    } catch (ElfException e) {
      return null; // Not installed, as usual.
    }
  }

  String note() {
    return note;
  }

  /** Returns the place of a byte of the file that stands at a run-time address; null if unknown. */
  @Nullable Place place(long fileOffset, long runTimeAddress) {
    ElfImage known = image;
    long address = known == null ? -1 : known.addressOf(fileOffset);
    return known == null || address == -1
        ? null
        : new Place(path, fileOffset, address, runTimeAddress - (address - known.lowestAddress()));
  }

  /** Returns the location of a byte of the file by the names that BOLT has for functions. */
  Location locateForBolt(long fileOffset) {
    ElfImage known = image;
    long address = known == null ? -1 : known.addressOf(fileOffset);
    Symbol symbol = known == null || address == -1 ? null : known.symbolAt(address);
    if (known == null || symbol == null) {
      return new Location(path, "", fileOffset);
    }
    String name = symbol.local() ? symbol.name() + "/" + known.localNumber(symbol) : symbol.name();
    return new Location(path, name, address - symbol.start());
  }

  /** Returns the location of a byte of the file. */
  Location locate(long fileOffset) {
    ElfImage known = image;
    if (known != null) {
      long address = known.addressOf(fileOffset);
      Symbol symbol = debugImage == null ? null : debugImage.symbolAt(address);
      if (symbol == null) {
        symbol = known.symbolAt(address);
      }
      if (address != -1 && symbol != null) {
        return new Location(path, symbol.name(), address - symbol.start());
      }
    }
    return new Location(path, "", fileOffset);
  }
}
