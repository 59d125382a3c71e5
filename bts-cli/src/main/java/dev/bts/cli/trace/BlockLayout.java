package dev.bts.cli.trace;

/** Offsets of the fixed-size structures of the file, in bytes; all integers little endian. */
final class BlockLayout {
  /** The first bytes of a file; as in PNG they reveal transfers that were not binary. */
  static final long PREAMBLE_MAGIC = 0x0A1A_0A0D_5354_4289L; // 89 'B' 'T' 'S' CR LF 1A LF

  static final int PREAMBLE_MAGIC_OFFSET = 0; // u64
  static final int PREAMBLE_VERSION_OFFSET = 8; // u32
  static final int PREAMBLE_CRC_OFFSET = 12; // u32, CRC-32C of the bytes before
  static final int PREAMBLE_BYTES = 16;

  static final int VERSION = 1;

  /** The first bytes of a block: {@code BTSblock}. */
  static final long BLOCK_MAGIC = 0x6B63_6F6C_6253_5442L;

  static final int MAGIC_OFFSET = 0; // u64
  static final int TRACE_ID_OFFSET = 8; // u64
  static final int FILE_OFFSET_OFFSET = 16; // u64
  static final int SEQUENCE_OFFSET = 24; // u64
  static final int RECORDS_BEFORE_OFFSET = 32; // u64
  static final int EVENTS_BEFORE_OFFSET = 40; // u64
  static final int LOST_BEFORE_OFFSET = 48; // u64
  static final int LOST_OFFSET = 56; // u64
  static final int FIRST_TIME_OFFSET = 64; // u64
  static final int LAST_TIME_OFFSET = 72; // u64
  static final int THREAD_MASK_OFFSET = 80; // u64
  static final int KIND_OFFSET = 88; // u32
  static final int RECORDS_OFFSET = 92; // u32
  static final int EVENTS_OFFSET = 96; // u32
  static final int STORED_BYTES_OFFSET = 100; // u32
  static final int CONTENT_BYTES_OFFSET = 104; // u32
  static final int PAYLOAD_CRC_OFFSET = 108; // u32, CRC-32C of the stored payload
  static final int HEAD_CRC_OFFSET = 112; // u32, CRC-32C of the bytes before
  static final int HEAD_BYTES = 116;

  /** The first bytes of the footer: {@code BTS--end}. */
  static final long FOOTER_MAGIC = 0x646E_652D_2D53_5442L;

  static final int FOOTER_MAGIC_OFFSET = 0; // u64
  static final int FOOTER_TRACE_ID_OFFSET = 8; // u64
  static final int FOOTER_INDEX_OFFSET = 16; // u64, file offset of the last index block
  static final int FOOTER_RECORDS_OFFSET = 24; // u64
  static final int FOOTER_EVENTS_OFFSET = 32; // u64
  static final int FOOTER_LOST_OFFSET = 40; // u64
  static final int FOOTER_FIDELITY_OFFSET = 48; // u32, see Footer
  static final int FOOTER_CRC_OFFSET = 52; // u32, CRC-32C of the bytes before
  static final int FOOTER_BYTES = 56;

  private BlockLayout() {}
}
