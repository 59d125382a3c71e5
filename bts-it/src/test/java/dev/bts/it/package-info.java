/**
 * The house as a whole: ground truth, transparency, the launcher, the README, architecture and
 * tidiness.
 */
@NullMarked
package dev.bts.it;

import org.jspecify.annotations.NullMarked;
