/**
 * A tiny process of our own that makes system calls on request, and the launch of commands with it.
 *
 * <p>A JVM cannot fork: only the calling thread would survive, without the locks of the others. So
 * everything that must happen in another process before it executes a command (chdir, personality,
 * dropping capabilities, being seized by a tracer) is done by a helper: a program of a few dozen
 * instructions without a C library, whose every step the JVM asks for.
 */
@NullMarked
package dev.bts.kernel.helper;

import org.jspecify.annotations.NullMarked;
