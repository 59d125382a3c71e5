package dev.bts.cli.trace;

import org.jspecify.annotations.Nullable;

/** What a block holds. */
enum BlockKind {
  /** Machine, mechanism, command, time: the first block. */
  HEADER(1),
  /** Branches and side events in stream order. */
  STREAM(2),
  /** Charges, refunds and drift once more, without the branches between them. */
  JOURNAL(3),
  /** Copies of the heads of earlier blocks. */
  INDEX(4);

  private final int code;

  BlockKind(int code) {
    this.code = code;
  }

  /** Returns the number that stands in the file. */
  int code() {
    return code;
  }

  /** Returns the kind with this number, null if there is none. */
  static @Nullable BlockKind ofCode(int code) {
    for (BlockKind kind : values()) {
      if (kind.code == code) {
        return kind;
      }
    }
    return null;
  }
}
