package dev.bts.cli.trace;

/**
 * The distinct (from, to) pairs of a block, numbered from 1 in order of first appearance, and for
 * each the two edges that last followed it. Number 0 stands for "nothing before" and "unknown".
 * What is remembered is part of the format: reader and writer do the same.
 */
final class EdgeTable {
  final long[] from = new long[FormatLimits.RECORDS_PER_BLOCK + 1];

  final long[] to = new long[FormatLimits.RECORDS_PER_BLOCK + 1];

  /** The edge that followed last. */
  final int[] successor = new int[FormatLimits.RECORDS_PER_BLOCK + 1];

  /** The different edge that followed before {@link #successor}. */
  final int[] alternative = new int[FormatLimits.RECORDS_PER_BLOCK + 1];

  private int size;

  int size() {
    return size;
  }

  void clear() {
    java.util.Arrays.fill(successor, 0, size + 1, 0);
    java.util.Arrays.fill(alternative, 0, size + 1, 0);
    size = 0;
  }

  /** Adds an edge, which must be new, and returns its number. */
  int add(long edgeFrom, long edgeTo) {
    int edge = ++size;
    from[edge] = edgeFrom;
    to[edge] = edgeTo;
    return edge;
  }

  /** Returns whether an edge is this pair. Edge 0 is none. */
  boolean is(int edge, long edgeFrom, long edgeTo) {
    return from[edge] == edgeFrom && to[edge] == edgeTo && edge != 0;
  }

  /** Remembers that {@code edge} followed {@code previous}, against the prediction. */
  void follow(int previous, int edge) {
    alternative[previous] = successor[previous];
    successor[previous] = edge;
  }
}
