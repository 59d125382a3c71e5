package dev.bts.cli.report;

/**
 * The branches of a thread.
 *
 * @param comm the name of its program, empty if unknown
 * @param branches branches taken
 * @param lost branches that the tracer reported as lost
 */
public record ThreadCount(int tid, int pid, String comm, long branches, long lost) {}
