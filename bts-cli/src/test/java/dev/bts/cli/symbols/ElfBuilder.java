package dev.bts.cli.symbols;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes small ELF files: one segment with one section of code, its symbols, and a build id. File
 * offset 0 is address {@link #BASE}.
 */
public final class ElfBuilder {
  /** The address of the first byte of the file. */
  public static final long BASE = 0x400000;

  /** The file offset of the code. */
  public static final int TEXT_OFFSET = 0x1000;

  /** The length of the code. */
  public static final int TEXT_BYTES = 0x1000;

  private static final int EXECUTABLE = 4;

  private final ByteArrayOutputStream names = new ByteArrayOutputStream();
  private final List<ByteBuffer> symbols = new ArrayList<>();
  private byte[] buildId = {};

  /** Creates one without symbols. */
  public ElfBuilder() {
    names.write(0);
    symbols.add(littleEndian(ElfLayout.SYMBOL_BYTES));
  }

  /** Adds a function at an offset in the code. */
  public ElfBuilder function(String name, int offset, int size) {
    return symbol(name, offset, size, ElfLayout.STT_FUNC);
  }

  /** Adds a label without type and size. */
  public ElfBuilder label(String name, int offset) {
    return symbol(name, offset, 0, ElfLayout.STT_NOTYPE);
  }

  /** Sets the build id. */
  public ElfBuilder buildId(byte... id) {
    buildId = id.clone();
    return this;
  }

  private ElfBuilder symbol(String name, int offset, int size, int type) {
    ByteBuffer symbol = littleEndian(ElfLayout.SYMBOL_BYTES);
    symbol.putInt(ElfLayout.SYMBOL_NAME_OFFSET, names.size());
    symbol.put(ElfLayout.SYMBOL_INFO_OFFSET, (byte) type);
    symbol.putShort(ElfLayout.SYMBOL_SECTION_OFFSET, (short) 1);
    symbol.putLong(ElfLayout.SYMBOL_VALUE_OFFSET, BASE + TEXT_OFFSET + offset);
    symbol.putLong(ElfLayout.SYMBOL_SIZE_OFFSET, size);
    symbols.add(symbol);
    names.writeBytes(name.getBytes(StandardCharsets.UTF_8));
    names.write(0);
    return this;
  }

  /** Returns the file. */
  public byte[] build() {
    byte[] sectionNames = "\0.text\0.symtab\0.strtab\0.note\0".getBytes(StandardCharsets.US_ASCII);
    int symbolBytes = symbols.size() * ElfLayout.SYMBOL_BYTES;
    int noteBytes = ElfLayout.NOTE_HEADER_BYTES + Integer.BYTES + buildId.length;
    int symbolsAt = TEXT_OFFSET + TEXT_BYTES;
    int namesAt = symbolsAt + symbolBytes;
    int sectionNamesAt = namesAt + names.size();
    int noteAt = sectionNamesAt + sectionNames.length;
    int sectionsAt = noteAt + noteBytes;
    byte[] bytes = new byte[sectionsAt + 6 * ElfLayout.SECTION_BYTES];
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(0, ElfLayout.IDENT);
    file.putLong(ElfLayout.PHOFF_OFFSET, ElfLayout.HEADER_BYTES);
    file.putLong(ElfLayout.SHOFF_OFFSET, sectionsAt);
    file.putShort(ElfLayout.PHENTSIZE_OFFSET, (short) ElfLayout.SEGMENT_BYTES);
    file.putShort(ElfLayout.PHNUM_OFFSET, (short) 1);
    file.putShort(ElfLayout.SHENTSIZE_OFFSET, (short) ElfLayout.SECTION_BYTES);
    file.putShort(ElfLayout.SHNUM_OFFSET, (short) 6);
    file.putShort(ElfLayout.SHSTRNDX_OFFSET, (short) 4);
    int segment = ElfLayout.HEADER_BYTES;
    file.putInt(segment + ElfLayout.SEGMENT_TYPE_OFFSET, ElfLayout.PT_LOAD);
    file.putLong(segment + ElfLayout.SEGMENT_VADDR_OFFSET, BASE);
    file.putLong(segment + ElfLayout.SEGMENT_FILESZ_OFFSET, TEXT_OFFSET + TEXT_BYTES);
    section(file, sectionsAt, 1, 1, 1, EXECUTABLE, TEXT_OFFSET, TEXT_BYTES, 0);
    section(file, sectionsAt, 2, 7, ElfLayout.SHT_SYMTAB, 0, symbolsAt, symbolBytes, 3);
    section(file, sectionsAt, 3, 15, 3, 0, namesAt, names.size(), 0);
    section(file, sectionsAt, 4, 0, 3, 0, sectionNamesAt, sectionNames.length, 0);
    section(file, sectionsAt, 5, 23, ElfLayout.SHT_NOTE, 0, noteAt, noteBytes, 0);
    for (int i = 0; i < symbols.size(); i++) {
      file.put(symbolsAt + i * ElfLayout.SYMBOL_BYTES, symbols.get(i), 0, ElfLayout.SYMBOL_BYTES);
    }
    file.put(namesAt, names.toByteArray());
    file.put(sectionNamesAt, sectionNames);
    file.putInt(noteAt, Integer.BYTES);
    file.putInt(noteAt + ElfLayout.NOTE_DESCRIPTION_SIZE_OFFSET, buildId.length);
    file.putInt(noteAt + ElfLayout.NOTE_TYPE_OFFSET, ElfLayout.NT_GNU_BUILD_ID);
    file.putInt(noteAt + ElfLayout.NOTE_HEADER_BYTES, ElfLayout.NOTE_NAME_GNU);
    file.put(noteAt + ElfLayout.NOTE_HEADER_BYTES + Integer.BYTES, buildId);
    return bytes;
  }

  private static void section(
      ByteBuffer file,
      int sectionsAt,
      int number,
      int name,
      int type,
      long flags,
      int offset,
      int bytes,
      int link) {
    int at = sectionsAt + number * ElfLayout.SECTION_BYTES;
    file.putInt(at + ElfLayout.SECTION_NAME_OFFSET, name);
    file.putInt(at + ElfLayout.SECTION_TYPE_OFFSET, type);
    file.putLong(at + ElfLayout.SECTION_FLAGS_OFFSET, flags);
    file.putLong(at + ElfLayout.SECTION_ADDRESS_OFFSET, BASE + offset);
    file.putLong(at + ElfLayout.SECTION_FILE_OFFSET, offset);
    file.putLong(at + ElfLayout.SECTION_SIZE_OFFSET, bytes);
    file.putInt(at + ElfLayout.SECTION_LINK_OFFSET, link);
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
