package dev.bts.cli.symbols;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Reads load segments, function symbols, PLT entries and build id of an ELF file.
 *
 * <p>The file is whatever a trace names, so nothing in it is believed: every offset and length is
 * checked against the size of the file and a bound before it is used. (net.fornwall:jelf 0.9.0
 * allocates hash tables of whatever length the file asks for; that is why it is not used.)
 */
final class ElfReader {
  /** Section tables, string tables and symbol tables larger than this are not read. */
  private static final int PART_BYTES_MAX = 1 << 26;

  private static final int SYMBOLS_MAX = 1 << 20;
  private static final int NAME_BYTES_MAX = 1024;
  private static final int BUILD_ID_BYTES_MAX = 64;

  private final FileChannel channel;
  private final long size;
  private final List<Section> sections = new ArrayList<>();
  private final List<Symbol> symbols = new ArrayList<>();

  private ElfReader(FileChannel channel) throws IOException {
    this.channel = channel;
    this.size = channel.size();
  }

  private record Section(
      String name, int type, long flags, long address, long offset, long bytes, int link) {}

  /**
   * Reads a file.
   *
   * @throws ElfException if it is no 64-bit little-endian ELF file, or its tables lead outside it
   * @throws IOException if it cannot be read
   */
  static ElfImage read(Path path) throws IOException, ElfException {
    // Opening a FIFO or a device could block or have effects.
    if (!Files.isRegularFile(path)) {
      throw new ElfException(Files.exists(path) ? "it is not a regular file" : "it does not exist");
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return new ElfReader(channel).image();
    }
  }

  private ElfImage image() throws IOException, ElfException {
    ByteBuffer header = part(0, ElfLayout.HEADER_BYTES);
    if ((header.getLong(0) & ElfLayout.IDENT_MASK) != ElfLayout.IDENT) {
      throw new ElfException("it is not a 64-bit little-endian ELF file");
    }
    List<ElfImage.Segment> segments = segments(header);
    readSections(header);
    String buildId = "";
    for (Section section : sections) {
      switch (section.type) {
        case ElfLayout.SHT_SYMTAB, ElfLayout.SHT_DYNSYM -> readSymbols(section);
        case ElfLayout.SHT_NOTE -> buildId = buildId.isEmpty() ? buildId(section) : buildId;
        default -> {}
      }
    }
    readPlt();
    return new ElfImage(segments, symbols, buildId);
  }

  private List<ElfImage.Segment> segments(ByteBuffer header) throws IOException, ElfException {
    int count = Short.toUnsignedInt(header.getShort(ElfLayout.PHNUM_OFFSET));
    if (count > 0 && header.getShort(ElfLayout.PHENTSIZE_OFFSET) != ElfLayout.SEGMENT_BYTES) {
      throw new ElfException("its program headers have an unknown size");
    }
    ByteBuffer table =
        part(header.getLong(ElfLayout.PHOFF_OFFSET), (long) count * ElfLayout.SEGMENT_BYTES);
    List<ElfImage.Segment> segments = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int at = i * ElfLayout.SEGMENT_BYTES;
      if (table.getInt(at + ElfLayout.SEGMENT_TYPE_OFFSET) == ElfLayout.PT_LOAD) {
        segments.add(
            new ElfImage.Segment(
                table.getLong(at + ElfLayout.SEGMENT_FILE_OFFSET),
                table.getLong(at + ElfLayout.SEGMENT_VADDR_OFFSET),
                table.getLong(at + ElfLayout.SEGMENT_FILESZ_OFFSET)));
      }
    }
    return segments;
  }

  private void readSections(ByteBuffer header) throws IOException, ElfException {
    int count = Short.toUnsignedInt(header.getShort(ElfLayout.SHNUM_OFFSET));
    if (count == 0) {
      return;
    }
    if (header.getShort(ElfLayout.SHENTSIZE_OFFSET) != ElfLayout.SECTION_BYTES) {
      throw new ElfException("its section headers have an unknown size");
    }
    ByteBuffer table =
        part(header.getLong(ElfLayout.SHOFF_OFFSET), (long) count * ElfLayout.SECTION_BYTES);
    int nameSection = Short.toUnsignedInt(header.getShort(ElfLayout.SHSTRNDX_OFFSET));
    if (nameSection >= count) {
      throw new ElfException("its section names are in no section");
    }
    int at = nameSection * ElfLayout.SECTION_BYTES;
    ByteBuffer names =
        part(
            table.getLong(at + ElfLayout.SECTION_FILE_OFFSET),
            table.getLong(at + ElfLayout.SECTION_SIZE_OFFSET));
    for (int i = 0; i < count; i++) {
      at = i * ElfLayout.SECTION_BYTES;
      sections.add(
          new Section(
              string(names, table.getInt(at + ElfLayout.SECTION_NAME_OFFSET)),
              table.getInt(at + ElfLayout.SECTION_TYPE_OFFSET),
              table.getLong(at + ElfLayout.SECTION_FLAGS_OFFSET),
              table.getLong(at + ElfLayout.SECTION_ADDRESS_OFFSET),
              table.getLong(at + ElfLayout.SECTION_FILE_OFFSET),
              table.getLong(at + ElfLayout.SECTION_SIZE_OFFSET),
              table.getInt(at + ElfLayout.SECTION_LINK_OFFSET)));
    }
  }

  private void readSymbols(Section section) throws IOException, ElfException {
    ByteBuffer table = part(section.offset, section.bytes);
    ByteBuffer names = linked(section);
    int count = table.limit() / ElfLayout.SYMBOL_BYTES;
    for (int i = 0; i < count && symbols.size() < SYMBOLS_MAX; i++) {
      int at = i * ElfLayout.SYMBOL_BYTES;
      int type = table.get(at + ElfLayout.SYMBOL_INFO_OFFSET) & ElfLayout.SYMBOL_TYPE_MASK;
      int home = Short.toUnsignedInt(table.getShort(at + ElfLayout.SYMBOL_SECTION_OFFSET));
      boolean code =
          home > 0
              && home < sections.size()
              && (sections.get(home).flags & ElfLayout.SHF_EXECINSTR) != 0;
      boolean function = type == ElfLayout.STT_FUNC || type == ElfLayout.STT_GNU_IFUNC;
      if (code && (function || type == ElfLayout.STT_NOTYPE)) {
        String name = string(names, table.getInt(at + ElfLayout.SYMBOL_NAME_OFFSET));
        if (!name.isEmpty()) {
          long start = table.getLong(at + ElfLayout.SYMBOL_VALUE_OFFSET);
          long length = table.getLong(at + ElfLayout.SYMBOL_SIZE_OFFSET);
          boolean exact = function && length != 0;
          long end = exact ? start + length : sections.get(home).address + sections.get(home).bytes;
          boolean local =
              (table.get(at + ElfLayout.SYMBOL_INFO_OFFSET) >> ElfLayout.SYMBOL_BINDING_SHIFT)
                  == ElfLayout.STB_LOCAL;
          symbols.add(new Symbol(start, end, name, exact, local));
        }
      }
    }
  }

  /** Names the stubs through which functions of other files are called: {@code name@plt}. */
  private void readPlt() throws IOException, ElfException {
    Section relocations = section(".rela.plt");
    Section stubs = section(".plt.sec");
    int reserved = 0;
    if (stubs == null) {
      // The first entry of a .plt that is called directly is the resolver's.
      stubs = section(".plt");
      reserved = 1;
    }
    if (relocations == null || stubs == null || relocations.type != ElfLayout.SHT_RELA) {
      return;
    }
    if (relocations.link < 0 || relocations.link >= sections.size()) {
      throw new ElfException("its PLT relocations belong to no symbol table");
    }
    Section symbolSection = sections.get(relocations.link);
    ByteBuffer symbolTable = part(symbolSection.offset, symbolSection.bytes);
    ByteBuffer names = linked(symbolSection);
    ByteBuffer table = part(relocations.offset, relocations.bytes);
    int count = table.limit() / ElfLayout.RELA_BYTES;
    for (int i = 0; i < count && symbols.size() < SYMBOLS_MAX; i++) {
      long info = table.getLong(i * ElfLayout.RELA_BYTES + ElfLayout.RELA_INFO_OFFSET);
      long symbolAt = (info >>> Integer.SIZE) * ElfLayout.SYMBOL_BYTES;
      if (symbolAt + ElfLayout.SYMBOL_BYTES <= symbolTable.limit()) {
        String name =
            string(names, symbolTable.getInt((int) symbolAt + ElfLayout.SYMBOL_NAME_OFFSET));
        long start = stubs.address + (long) (i + reserved) * ElfLayout.PLT_ENTRY_BYTES;
        if (!name.isEmpty()) {
          symbols.add(
              new Symbol(start, start + ElfLayout.PLT_ENTRY_BYTES, name + "@plt", true, false));
        }
      }
    }
  }

  private String buildId(Section section) throws IOException, ElfException {
    ByteBuffer notes = part(section.offset, section.bytes);
    // The build id is the only note of its section in every toolchain.
    if (notes.limit() < ElfLayout.NOTE_HEADER_BYTES + Integer.BYTES
        || notes.getInt(ElfLayout.NOTE_TYPE_OFFSET) != ElfLayout.NT_GNU_BUILD_ID
        || notes.getInt(ElfLayout.NOTE_HEADER_BYTES) != ElfLayout.NOTE_NAME_GNU) {
      return "";
    }
    int at = ElfLayout.NOTE_HEADER_BYTES + Integer.BYTES;
    int length = notes.getInt(ElfLayout.NOTE_DESCRIPTION_SIZE_OFFSET);
    if (length < 0 || length > Math.min(BUILD_ID_BYTES_MAX, notes.limit() - at)) {
      throw new ElfException("its build id is longer than its note");
    }
    byte[] id = new byte[length];
    notes.get(at, id);
    return HexFormat.of().formatHex(id);
  }

  private @org.jspecify.annotations.Nullable Section section(String name) {
    for (Section section : sections) {
      if (section.name.equals(name)) {
        return section;
      }
    }
    return null;
  }

  private ByteBuffer linked(Section section) throws IOException, ElfException {
    if (section.link < 0 || section.link >= sections.size()) {
      throw new ElfException("its symbol names are in no section");
    }
    Section names = sections.get(section.link);
    return part(names.offset, names.bytes);
  }

  private static String string(ByteBuffer table, int offset) {
    if (offset < 0 || offset >= table.limit()) {
      return "";
    }
    int end = offset;
    int last = Math.min(table.limit(), offset + NAME_BYTES_MAX);
    while (end < last && table.get(end) != 0) {
      end++;
    }
    byte[] bytes = new byte[end - offset];
    table.get(offset, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Reads a part of the file, after checking that it lies within file and bound. */
  private ByteBuffer part(long offset, long bytes) throws IOException, ElfException {
    if (offset < 0 || bytes < 0 || offset > size || bytes > size - offset) {
      throw new ElfException("its tables lead outside the file");
    }
    if (bytes > PART_BYTES_MAX) {
      throw new ElfException("a table has " + bytes + " bytes, more than is read");
    }
    ByteBuffer buffer = ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, offset + buffer.position()) < 0) {
        throw new ElfException("it became shorter while it was read");
      }
    }
    return buffer.flip();
  }
}
