package dev.bts.cli.export;

import dev.bts.cli.text.TextOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** An export that is written from its beginning to its end. */
public abstract class TextExport implements TraceExport {
  private final OutputStream stream;
  private final TextOutput out;

  /** Opens the file; what it held is lost. */
  protected TextExport(Path path) throws IOException {
    stream = Files.newOutputStream(path);
    out = new TextOutput(stream);
  }

  /** Returns what is written to. */
  protected TextOutput out() {
    return out;
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}
