package dev.bts.cli.symbols;

/**
 * An address in the words of the program.
 *
 * @param module the file, or a name such as {@code [vdso]}; empty if nothing is mapped there
 * @param function the function, empty if unknown
 * @param offset bytes from the start of the function, or else of the module's file, or else 0
 */
public record Location(String module, String function, long offset) {
  /** Returns the name of the module without its directories. */
  public String moduleName() {
    return module.substring(module.lastIndexOf('/') + 1);
  }
}
