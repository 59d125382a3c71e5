package dev.bts.kernel.software;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The paths that a program has often taken from one address, as a tree: below each node stand the
 * nodes that its branches lead to. It is translated as a whole; an address of which no paths are
 * known is a tree of one node.
 */
final class PathTree {
  /** How many branches a path is followed at most. */
  private static final int DEPTH_MAX = 48;

  /** A path of so many branches ends when it comes back to where it began. */
  private static final int DEPTH_ENOUGH = 12;

  private static final int NODES_MAX = 96;

  /** What fewer than one of so many paths come to is left out. */
  private static final int PATHS_PER_VISIT = 33;

  private static final int VISITS_MIN = 2;

  /** Code that begins at an address and goes on straight, reached by a branch. */
  static final class Node {
    private final long from;
    private final long address;
    private int visits;
    private final List<Node> children = new ArrayList<>();

    private Node(long from, long address) {
      this.from = from;
      this.address = address;
    }

    long address() {
      return address;
    }

    int visits() {
      return visits;
    }

    /** Returns the node that a branch leads to, null if there is none. */
    @Nullable Node child(long branch, long target) {
      for (Node child : children) {
        if (child.from == branch && child.address == target) {
          return child;
        }
      }
      return null;
    }

    /** Returns the nodes that a branch leads to, the most visited first. */
    List<Node> children(long branch) {
      return children.stream()
          .filter(child -> child.from == branch)
          .sorted(Comparator.comparingInt(Node::visits).reversed())
          .toList();
    }

    private long visitsBelow() {
      long below = 0;
      for (Node child : children) {
        below += child.visits + child.visitsBelow();
      }
      return below;
    }

    private int prune(int visitsMin) {
      children.removeIf(child -> child.visits < visitsMin);
      int nodes = 1;
      for (Node child : children) {
        nodes += child.prune(visitsMin);
      }
      return nodes;
    }
  }

  private final Node root;
  private Node last;
  private int depth;
  private boolean isBack;

  /** Plants a tree at an address. */
  PathTree(long address) {
    root = new Node(0, address);
    last = root;
  }

  Node root() {
    return root;
  }

  /** Returns whether there is nothing but the root. */
  boolean isBare() {
    return root.children.isEmpty();
  }

  /** Returns how many branches a path has on average until it has left the tree. */
  double branchesPerPath() {
    return 1 + (double) root.visitsBelow() / root.visits;
  }

  /** Returns whether so few paths come to a place that it is left out. */
  boolean isSeldom(int visits) {
    return visits < root.visits / PATHS_PER_VISIT;
  }

  /** Begins another path. */
  void start() {
    root.visits++;
    last = root;
    depth = 0;
    isBack = false;
  }

  /** Returns whether the path goes on: then {@link #follow} takes its next branch. */
  boolean goesOn() {
    return depth < DEPTH_MAX && !(isBack && depth >= DEPTH_ENOUGH);
  }

  /** Follows the path along a branch. */
  void follow(long from, long to) {
    Node next = last.child(from, to);
    if (next == null) {
      next = new Node(from, to);
      last.children.add(next);
    }
    next.visits++;
    last = next;
    depth++;
    isBack = to == root.address;
  }

  /** Drops what is seldom visited. */
  void prune() {
    int visitsMin = Math.max(VISITS_MIN, root.visits / PATHS_PER_VISIT);
    while (root.prune(visitsMin) > NODES_MAX) {
      visitsMin += 1 + visitsMin / 2;
    }
  }
}
