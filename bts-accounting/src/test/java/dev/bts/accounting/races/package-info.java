/** Races for jcstress, and what runs them. */
@NullMarked
package dev.bts.accounting.races;

import org.jspecify.annotations.NullMarked;
