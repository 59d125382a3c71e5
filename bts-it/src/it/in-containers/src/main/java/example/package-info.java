/** What a project that uses bts looks like, with tests in containers. */
@NullMarked
package example;

import org.jspecify.annotations.NullMarked;
