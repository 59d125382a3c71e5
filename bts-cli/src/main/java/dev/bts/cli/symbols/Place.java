package dev.bts.cli.symbols;

/**
 * An address as a place in a mapped file.
 *
 * @param path the file
 * @param fileOffset the offset of the byte in it
 * @param address the virtual address by the file's own account, which debuggers and linkers use
 * @param base where the first loaded byte of the file would stand in the process
 */
public record Place(String path, long fileOffset, long address, long base) {}
