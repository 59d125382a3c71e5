package dev.bts.cli.export;

import dev.bts.api.record.SideEvent;
import java.nio.file.Path;

/**
 * The program that an export for one program is about: the one that was asked for, by path or by
 * name, or else the first file that was mapped, which is the program that was executed first.
 */
final class Binary {
  private String path;
  private final String name;

  Binary(String asked) {
    name = asked.contains("/") ? Path.of(asked).toAbsolutePath().normalize().toString() : asked;
    path = name.startsWith("/") ? name : "";
  }

  void event(SideEvent event) {
    if (path.isEmpty()
        && event instanceof SideEvent.Mapped mapping
        && mapping.path().startsWith("/")
        && (name.isEmpty() || mapping.path().endsWith("/" + name))) {
      path = mapping.path();
    }
  }

  boolean is(String file) {
    return path.equals(file);
  }

  /** Returns its path; empty if it was not seen. */
  String path() {
    return path;
  }
}
