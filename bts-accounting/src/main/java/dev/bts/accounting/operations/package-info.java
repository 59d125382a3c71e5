/**
 * The language of operations that a model of Linux and the real one are compared in: what ordinary
 * processes do that charges or refunds locked and pinned memory.
 *
 * <p>{@link dev.bts.accounting.operations.Verb} lists the operations, {@link
 * dev.bts.accounting.operations.Operation} is one of them with its operands and its text. Backends
 * execute them ({@link dev.bts.accounting.operations.OperationExecutor}), and {@link
 * dev.bts.accounting.operations.Fidelity} generates sequences, compares two executors after every
 * step and shrinks what differs.
 */
@NullMarked
package dev.bts.accounting.operations;

import org.jspecify.annotations.NullMarked;
