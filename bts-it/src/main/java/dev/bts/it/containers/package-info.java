/**
 * Traced programs in containers, for integration tests: a container with bts in it, the traces that
 * are copied out of it, and assertions about them.
 */
@NullMarked
package dev.bts.it.containers;

import org.jspecify.annotations.NullMarked;
