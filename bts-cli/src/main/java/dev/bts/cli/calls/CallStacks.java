package dev.bts.cli.calls;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.symbols.AddressSpaces;
import dev.bts.cli.symbols.Symbolizer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The functions that threads are in, followed branch by branch. A call opens a frame, and a return
 * to the address behind a call closes its frame and all within; other returns are jumps. Where
 * branches are missing the frames of the thread are closed: what is open afterwards is not known.
 */
public final class CallStacks {
  private static final int FRAMES_MAX = 1 << 16;
  private static final int THREADS_MAX = 1 << 14;

  private final AddressSpaces spaces;
  private final BranchKinds kinds;
  private final Listener listener;
  private final Map<Integer, Stack> stacks = new HashMap<>();
  private long branches;

  /** Creates one over address spaces that {@link #event} keeps up to date. */
  public CallStacks(AddressSpaces spaces, Symbolizer symbolizer, Listener listener) {
    this.spaces = spaces;
    this.listener = listener;
    kinds = new BranchKinds(symbolizer);
  }

  /** Is told of frames. */
  public interface Listener {
    /** A branch was taken: called before all else that comes of it. */
    default void taken(int pid, long from) {}

    /** What addresses mean is about to change; the address spaces are still as they were. */
    default void changing() {}

    /**
     * A call was made.
     *
     * @param branch the number of the calling branch, counted over all threads from 1
     */
    void entered(int pid, int tid, long branch, long callSite, long target);

    /**
     * The frame that was opened last, and is still open, was closed.
     *
     * @param branch the number of the branch that closed it, or of the last one before
     * @param inside how many branches the thread took in it, calls and returns of others too
     */
    void left(int pid, int tid, long branch, long callSite, long target, long inside);
  }

  private static final class Stack {
    private long[] callSites = new long[16];
    private long[] targets = new long[16];
    private long[] returnAddresses = new long[16];
    private long[] startedAt = new long[16];
    private int depth;
    private long taken;
  }

  /** Takes branches. */
  public void branches(BranchCursor cursor) {
    int tid = 0;
    int pid = 0;
    Stack stack = null;
    while (cursor.next()) {
      if (stack == null || cursor.tid() != tid) {
        tid = cursor.tid();
        pid = spaces.pid(tid);
        stack = stack(tid);
      }
      branches++;
      stack.taken++;
      listener.taken(pid, cursor.from());
      int kind = kinds.kind(pid, cursor.from());
      if (kind >= BranchKinds.CALL) {
        long next = cursor.from() + (kind - BranchKinds.CALL);
        enter(stack, pid, tid, cursor.from(), cursor.to(), next);
      } else if (kind == BranchKinds.RETURN) {
        giveBack(stack, pid, tid, cursor.to());
      }
    }
  }

  /** Takes a side event. */
  public void event(SideEvent event) {
    if (event instanceof SideEvent.Exec
        || event instanceof SideEvent.Sampled
        || event instanceof SideEvent.ThreadExited) {
      Stack stack = stacks.remove(event.tid());
      if (stack != null) {
        unwind(stack, spaces.pid(event.tid()), event.tid(), 0);
      }
    } else if (event instanceof SideEvent.Lost) {
      finish();
    }
    if (event instanceof SideEvent.Exec
        || event instanceof SideEvent.Mapped
        || event instanceof SideEvent.ProcessStarted) {
      listener.changing();
      kinds.clear();
    }
    spaces.apply(event);
  }

  /** Closes all frames. */
  public void finish() {
    stacks.forEach((tid, stack) -> unwind(stack, spaces.pid(tid), tid, 0));
    stacks.clear();
  }

  private Stack stack(int tid) {
    if (stacks.size() >= THREADS_MAX && !stacks.containsKey(tid)) {
      finish();
    }
    return stacks.computeIfAbsent(tid, t -> new Stack());
  }

  private void enter(Stack stack, int pid, int tid, long site, long target, long next) {
    if (stack.depth == FRAMES_MAX) {
      unwind(stack, pid, tid, 0);
    }
    int at = stack.depth;
    if (at == stack.callSites.length) {
      stack.callSites = Arrays.copyOf(stack.callSites, 2 * at);
      stack.targets = Arrays.copyOf(stack.targets, 2 * at);
      stack.returnAddresses = Arrays.copyOf(stack.returnAddresses, 2 * at);
      stack.startedAt = Arrays.copyOf(stack.startedAt, 2 * at);
    }
    stack.callSites[at] = site;
    stack.targets[at] = target;
    stack.returnAddresses[at] = next;
    stack.startedAt[at] = stack.taken;
    stack.depth++;
    listener.entered(pid, tid, branches, site, target);
  }

  private void giveBack(Stack stack, int pid, int tid, long to) {
    for (int at = stack.depth - 1; at >= 0; at--) {
      if (stack.returnAddresses[at] == to) {
        unwind(stack, pid, tid, at);
        return;
      }
    }
  }

  private void unwind(Stack stack, int pid, int tid, int depth) {
    while (stack.depth > depth) {
      int at = --stack.depth;
      listener.left(
          pid,
          tid,
          branches,
          stack.callSites[at],
          stack.targets[at],
          stack.taken - stack.startedAt[at]);
    }
  }
}
