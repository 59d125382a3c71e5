/**
 * Small programs to trace and an independent stepper to compare with, for the tests of every
 * mechanism.
 */
@NullMarked
package dev.bts.kernel.testing;

import org.jspecify.annotations.NullMarked;
