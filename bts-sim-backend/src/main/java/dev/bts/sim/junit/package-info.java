/**
 * The policy lab in tests of other projects. It needs JUnit 5 ({@code junit-jupiter-api}), which
 * the rest of the module does not.
 */
@NullMarked
package dev.bts.sim.junit;

import org.jspecify.annotations.NullMarked;
