package dev.bts.kernel.helper;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * Texts as the kernel knows them: bytes without an encoding. Java's strings are turned into them as
 * the JVM does with file names, so that an argument goes to a command with the bytes it came in.
 */
final class KernelText {
  private static final Charset FILE_NAMES =
      Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

  private KernelText() {}

  /** Returns the bytes of a text; in UTF-8 where the encoding of file names lacks a character. */
  static byte[] encode(String text) {
    try {
      ByteBuffer encoded = FILE_NAMES.newEncoder().encode(CharBuffer.wrap(text));
      byte[] bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return bytes;
    } catch (CharacterCodingException unmappable) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
  }

  /** Returns a text for people. */
  static String decode(byte[] bytes) {
    return new String(bytes, FILE_NAMES);
  }
}
