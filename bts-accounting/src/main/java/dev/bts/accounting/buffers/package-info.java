/**
 * The branch buffers of a session: who pays for them, and which tracee is recorded where. A backend
 * supplies the memory ({@link dev.bts.accounting.buffers.PageSupply}); everything else is here.
 */
@NullMarked
package dev.bts.accounting.buffers;

import org.jspecify.annotations.NullMarked;
