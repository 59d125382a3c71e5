/** From the addresses of a trace to functions: mappings, ELF symbols, names. */
@NullMarked
package dev.bts.cli.symbols;

import org.jspecify.annotations.NullMarked;
