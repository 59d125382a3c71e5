package dev.bts.cli.symbols;

/**
 * Offsets and constants of 64-bit little-endian ELF (System V ABI, "Object Files"; elf.h), in
 * bytes.
 */
final class ElfLayout {
  /** 7f 'E' 'L' 'F', 64-bit, little endian, version 1. */
  static final long IDENT = 0x0001_0102_464C_457FL;

  static final long IDENT_MASK = 0x00FF_FFFF_FFFF_FFFFL;

  static final int HEADER_BYTES = 64;
  static final int PHOFF_OFFSET = 32; // u64
  static final int SHOFF_OFFSET = 40; // u64
  static final int PHENTSIZE_OFFSET = 54; // u16
  static final int PHNUM_OFFSET = 56; // u16
  static final int SHENTSIZE_OFFSET = 58; // u16
  static final int SHNUM_OFFSET = 60; // u16
  static final int SHSTRNDX_OFFSET = 62; // u16

  static final int SEGMENT_BYTES = 56;
  static final int SEGMENT_TYPE_OFFSET = 0; // u32
  static final int SEGMENT_FILE_OFFSET = 8; // u64
  static final int SEGMENT_VADDR_OFFSET = 16; // u64
  static final int SEGMENT_FILESZ_OFFSET = 32; // u64
  static final int PT_LOAD = 1;

  static final int SECTION_BYTES = 64;
  static final int SECTION_NAME_OFFSET = 0; // u32
  static final int SECTION_TYPE_OFFSET = 4; // u32
  static final int SECTION_FLAGS_OFFSET = 8; // u64
  static final int SECTION_ADDRESS_OFFSET = 16; // u64
  static final int SECTION_FILE_OFFSET = 24; // u64
  static final int SECTION_SIZE_OFFSET = 32; // u64
  static final int SECTION_LINK_OFFSET = 40; // u32
  static final int SHT_SYMTAB = 2;
  static final int SHT_RELA = 4;
  static final int SHT_NOTE = 7;
  static final int SHT_DYNSYM = 11;
  static final long SHF_EXECINSTR = 4;

  static final int SYMBOL_BYTES = 24;
  static final int SYMBOL_NAME_OFFSET = 0; // u32
  static final int SYMBOL_INFO_OFFSET = 4; // u8, the type in the lower half, the binding above
  static final int SYMBOL_SECTION_OFFSET = 6; // u16
  static final int SYMBOL_VALUE_OFFSET = 8; // u64
  static final int SYMBOL_SIZE_OFFSET = 16; // u64
  static final int SYMBOL_TYPE_MASK = 0xF;
  static final int SYMBOL_BINDING_SHIFT = 4;
  static final int STB_LOCAL = 0;
  static final int STT_NOTYPE = 0;
  static final int STT_FUNC = 2;
  static final int STT_GNU_IFUNC = 10;

  static final int RELA_BYTES = 24;
  static final int RELA_INFO_OFFSET = 8; // u64, the symbol in the upper half

  static final int NOTE_HEADER_BYTES = 12;
  static final int NOTE_DESCRIPTION_SIZE_OFFSET = 4; // u32
  static final int NOTE_TYPE_OFFSET = 8; // u32
  static final int NT_GNU_BUILD_ID = 3;

  /** "GNU" and a zero byte, the name of the note that holds the build id. */
  static final int NOTE_NAME_GNU = 0x0055_4E47;

  /** One entry of .plt and .plt.sec on x86-64 (psABI). */
  static final int PLT_ENTRY_BYTES = 16;

  private ElfLayout() {}
}
