package dev.bts.cli.symbols;

/** A file that is no ELF file that can be used here. */
final class ElfException extends Exception {
  private static final long serialVersionUID = 1L;

  ElfException(String message) {
    super(message);
  }
}
