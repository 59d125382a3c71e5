/**
 * Processes under control: how tasks are seized, followed, stepped and let go.
 *
 * <p>{@link dev.bts.kernel.ptrace.TraceLoop} waits for stops and keeps the tree of {@link
 * dev.bts.kernel.ptrace.Tracee}s and {@link dev.bts.kernel.ptrace.Task}s; an {@link
 * dev.bts.kernel.ptrace.Engine} decides how user code runs between stops. Everything here happens
 * on one platform thread, the only one that the kernel takes ptrace calls from.
 *
 * <p><b>Death of the tracer.</b> The kernel unlinks the tracees of a dead tracer without clearing
 * the trap flag, so a stepped task gets a SIGTRAP that nobody takes. Two rules make sure that it
 * runs on all the same. First, while a task is stepped its process has a {@link
 * dev.bts.kernel.ptrace.Rescue} handler for SIGTRAP, which clears the flag; what the program itself
 * wants of SIGTRAP is kept by the tracer. Second, registers are lent for a system call of ours only
 * to code that gives them back by itself ({@link dev.bts.kernel.ptrace.InjectedCalls}).
 */
@NullMarked
package dev.bts.kernel.ptrace;

import org.jspecify.annotations.NullMarked;
