package dev.bts.accounting.operations;

import java.util.Optional;

/**
 * How the comparison of one sequence ended.
 *
 * @param executed operations that both sides executed and were compared after
 * @param refused how many of them both refused
 * @param difference where they parted, and nothing was executed any more
 * @param disturbed why the sequence proves nothing: somebody else moved a counter
 */
public record Compared(
    int executed, int refused, Optional<Difference> difference, Optional<String> disturbed) {}
