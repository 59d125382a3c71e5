/** A charging policy of one's own. */
@NullMarked
package example;

import org.jspecify.annotations.NullMarked;
