/** What a machine was measured to be able to do. */
@NullMarked
package dev.bts.api.probe;

import org.jspecify.annotations.NullMarked;
