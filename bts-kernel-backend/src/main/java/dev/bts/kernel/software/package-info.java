/**
 * The software BTS: the code of a program, translated block by block into a cache in its own
 * address space, where it appends a record for every taken branch and otherwise does what it does.
 *
 * <p>Nothing here knows of ptrace. A {@link dev.bts.kernel.software.Translation} turns addresses of
 * the program into addresses of the cache and back, and reads the records; who lets tasks run there
 * is {@code dev.bts.kernel.ptrace}.
 *
 * <p><b>No flags.</b> What is added to the program's instructions writes no flag: mov, lea, not,
 * movzx and jrcxz do not. So a full buffer is noticed without a compare and without an inaccessible
 * page: the index counts up to zero, and jrcxz sees it. A page fault would be a signal, which the
 * program may have blocked, and which nobody would handle once the tracer is dead.
 *
 * <p><b>Every address is exact.</b> For each instruction in the cache it is known which state of
 * the program it stands for ({@link dev.bts.kernel.software.Point}). So a task can be stopped
 * anywhere and be put where it would be natively, without another instruction being executed.
 *
 * <p><b>Every way out leads home.</b> The cache is left by int3 only, and behind each stands the
 * program's address to go on at. The tracer reads it there, and so does the handler that takes over
 * when the tracer is dead.
 */
@NullMarked
package dev.bts.kernel.software;

import org.jspecify.annotations.NullMarked;
