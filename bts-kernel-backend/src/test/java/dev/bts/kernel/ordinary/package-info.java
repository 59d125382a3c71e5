/** Runs test classes as an ordinary user, where the tests themselves run as root. */
@NullMarked
package dev.bts.kernel.ordinary;

import org.jspecify.annotations.NullMarked;
