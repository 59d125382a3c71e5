/**
 * The running kernel as an executor of operations: real processes of ordinary users, for the
 * comparison of a model with it.
 *
 * <p>{@link dev.bts.kernel.operations.KernelOperations} opens a {@link
 * dev.bts.kernel.operations.KernelStage}, which has a nursery: a helper process that every process
 * of a sequence descends from and that adopts orphans. Another process keeps every segment attached
 * and removed. All of them end when their channel does, so the kernel takes everything back however
 * this process ends.
 */
@NullMarked
package dev.bts.kernel.operations;

import org.jspecify.annotations.NullMarked;
