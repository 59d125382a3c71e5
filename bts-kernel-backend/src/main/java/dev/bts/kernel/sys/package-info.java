/**
 * System calls and the structures they take; nothing else.
 *
 * <p>Every call goes through {@link dev.bts.kernel.sys.Sys#call}, which answers in the kernel's own
 * convention: the result, or a negative errno. Layouts are those of x86-64 Linux; each lives in a
 * descriptor class that names the header it comes from.
 */
@NullMarked
package dev.bts.kernel.sys;

import org.jspecify.annotations.NullMarked;
