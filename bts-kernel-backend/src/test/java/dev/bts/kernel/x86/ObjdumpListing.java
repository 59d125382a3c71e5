package dev.bts.kernel.x86;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The disassembly of one file by {@code objdump -d}, read line by line from the running process.
 *
 * <p>The bytes of an instruction and its text are handed out separately: the text is what objdump
 * thinks of the bytes.
 */
final class ObjdumpListing implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int LONGEST_LINE = 1 << 16;

  private final Process process;
  private final InputStream output;
  private byte[] line = new byte[256];
  private int lineLength;

  private long address;
  private final byte[] codeBytes = new byte[Instruction.MAX_LENGTH];
  private final ByteBuffer code = ByteBuffer.wrap(codeBytes);
  private int codeLength;
  private String text = "";

  ObjdumpListing(Path file) throws IOException {
    process =
        new ProcessBuilder("objdump", "-d", "-w", "-z", "--insn-width=15", file.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    output = new BufferedInputStream(process.getInputStream(), BUFFER_BYTES);
  }

  /** Goes to the next line that holds an instruction; returns whether there is one. */
  boolean next() throws IOException {
    while (readLine()) {
      if (parse()) {
        return true;
      }
    }
    return false;
  }

  /** Returns the exit status of objdump after its last line. */
  int exitStatus() throws InterruptedException {
    return process.waitFor();
  }

  long address() {
    return address;
  }

  /** Returns a buffer whose first {@link #codeLength} bytes are those of the line. */
  ByteBuffer code() {
    return code;
  }

  int codeLength() {
    return codeLength;
  }

  /** Returns mnemonic and operands. */
  String text() {
    return text;
  }

  private boolean readLine() throws IOException {
    lineLength = 0;
    for (int next = output.read(); next >= 0; next = output.read()) {
      if (next == '\n') {
        return true;
      }
      if (lineLength == line.length) {
        if (lineLength == LONGEST_LINE) {
          throw new IOException("objdump printed a line of more than " + LONGEST_LINE + " bytes");
        }
        line = Arrays.copyOf(line, 2 * lineLength);
      }
      line[lineLength++] = (byte) next;
    }
    return lineLength > 0;
  }

  /** Takes {@code address:\tbytes\ttext} apart; returns false for lines of other forms. */
  private boolean parse() {
    int at = 0;
    while (at < lineLength && line[at] == ' ') {
      at++;
    }
    long parsedAddress = 0;
    int start = at;
    while (at < lineLength && Character.digit(line[at], 16) >= 0) {
      parsedAddress = (parsedAddress << 4) | Character.digit(line[at++], 16);
    }
    if (at == start || at + 1 >= lineLength || line[at] != ':' || line[at + 1] != '\t') {
      return false;
    }
    at += 2;
    int bytes = 0;
    while (at + 2 < lineLength && line[at] != '\t' && line[at] != ' ') {
      int high = Character.digit(line[at], 16);
      int low = Character.digit(line[at + 1], 16);
      codeBytes[bytes++] = (byte) (high << 4 | low);
      at += 3;
    }
    while (at < lineLength && line[at] != '\t') {
      at++;
    }
    address = parsedAddress;
    codeLength = bytes;
    text =
        at < lineLength
            ? new String(line, at + 1, lineLength - at - 1, StandardCharsets.ISO_8859_1)
            : "";
    return true;
  }

  @Override
  public void close() throws IOException {
    output.close();
    process.destroyForcibly();
  }
}
