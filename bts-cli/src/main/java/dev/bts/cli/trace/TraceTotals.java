package dev.bts.cli.trace;

/**
 * What a file holds by its own account.
 *
 * @param records branch records
 * @param events side events
 * @param lost records that side events report as lost while tracing
 */
public record TraceTotals(long records, long events, long lost) {}
