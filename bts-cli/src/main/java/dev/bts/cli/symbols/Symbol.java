package dev.bts.cli.symbols;

/**
 * A named piece of code in an ELF file.
 *
 * @param start its virtual address in the file
 * @param end where it ends; where its section ends if the file does not say
 * @param exact whether the file says where it ends
 * @param local whether other files may have something else of this name, and this file as well
 */
record Symbol(long start, long end, String name, boolean exact, boolean local) {
  boolean contains(long address) {
    return Long.compareUnsigned(start, address) <= 0 && Long.compareUnsigned(address, end) < 0;
  }
}
