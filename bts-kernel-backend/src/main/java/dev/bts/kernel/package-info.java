/** The kernel backend's front door. */
@NullMarked
package dev.bts.kernel;

import org.jspecify.annotations.NullMarked;
