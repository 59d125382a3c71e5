package dev.bts.cli.export;

/**
 * What exporters may be told.
 *
 * @param stacks whether perf-data is to have branch stacks also where BTS data is possible
 * @param binary the name or path of the program that a format for one program is about; empty: the
 *     first that was executed
 */
public record ExportOptions(boolean stacks, String binary) {}
