/** Helpers for tests of all modules. */
@NullMarked
package dev.bts.api.testing;

import org.jspecify.annotations.NullMarked;
