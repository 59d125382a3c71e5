package dev.bts.cli.report;

/**
 * How often a function was branched from and to.
 *
 * @param module the file or name of the code, empty if unknown
 * @param function its name, empty for all code of the module that has none
 * @param from branches taken by its instructions
 * @param to branches that led into it, those from itself included
 */
public record FunctionCount(String module, String function, long from, long to) {}
