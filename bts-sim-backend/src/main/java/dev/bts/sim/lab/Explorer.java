package dev.bts.sim.lab;

import dev.bts.sim.rules.Codec;
import dev.bts.sim.rules.Invariant;
import dev.bts.sim.rules.Transitions;
import dev.bts.sim.rules.World;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Looks at all states that a bounded machine can reach, breadth first, so that what it finds is a
 * shortest sequence of operations.
 *
 * <p>A level is gone through in batches, which the threads share; between batches the table grows
 * and the listener is asked. A state in which a watched invariant is broken is not followed, and
 * the level in which the first is found is finished: the counterexample is the least of that level,
 * by the words of states and not by time, so that the answer does not depend on the number of
 * threads.
 */
public final class Explorer {
  private static final int LARGEST_BATCH = 1 << 14;
  private static final int PORTION = 64;

  private final Search search;
  private final Progress.Listener listener;
  private final StateStore store;
  private final Worker[] workers;
  private final int branching;
  private final long began = System.nanoTime();
  private int depth;

  private Explorer(Search search, Progress.Listener listener) {
    this.search = search;
    this.listener = listener;
    workers = new Worker[search.threads()];
    Arrays.setAll(workers, i -> new Worker(i));
    branching = workers[0].operations.length;
    store = new StateStore(workers[0].codec.words(), search.threads());
  }

  /** Explores, and tells the listener how far it has come. */
  public static Exploration explore(Search search, Progress.Listener listener) {
    return new Explorer(search, listener).run();
  }

  /** Explores in silence. */
  public static Exploration explore(Search search) {
    return explore(search, Progress.Listener.SILENT);
  }

  private Exploration run() {
    workers[0].addInitial();
    int[] from = new int[workers.length];
    ExecutorService pool = Executors.newFixedThreadPool(workers.length);
    try {
      while (true) {
        int[] to = new int[workers.length];
        Arrays.setAll(to, store::size);
        if (Arrays.equals(from, to)) {
          return end(Exploration.Verdict.HOLDS, "");
        }
        if (depth == search.depth()) {
          return end(Exploration.Verdict.PARTIAL, "the limit of " + depth + " steps was reached");
        }
        store.startLevel();
        String ended = level(pool, new Frontier(from, to));
        Worker first = leastViolation();
        if (first != null) {
          return end(Exploration.Verdict.BROKEN, ended);
        }
        if (!ended.isEmpty()) {
          return end(Exploration.Verdict.PARTIAL, ended);
        }
        from = to;
        depth++;
      }
    } finally {
      pool.shutdown();
    }
  }

  /** Goes through a level; returns why it was not finished, or nothing. */
  private String level(ExecutorService pool, Frontier frontier) {
    while (frontier.left() > 0) {
      long size = store.size();
      if (size >= search.states()) {
        return "the limit of " + search.states() + " states was reached";
      }
      Progress progress =
          new Progress(size, frontier.left(), depth, store.bytes(), System.nanoTime() - began);
      if (!listener.reached(progress)) {
        return "it was interrupted";
      }
      while (store.room() < (long) branching * PORTION * workers.length) {
        store.grow();
      }
      long batch = Math.min(LARGEST_BATCH, store.room() / branching);
      frontier.open(batch);
      List<Future<?>> runs = new ArrayList<>();
      for (Worker worker : workers) {
        runs.add(pool.submit(() -> worker.expand(frontier)));
      }
      runs.forEach(Explorer::await);
    }
    return "";
  }

  private static void await(Future<?> run) {
    try {
      run.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException runtime) {
        throw runtime;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while exploring", e);
    }
  }

  private @Nullable Worker leastViolation() {
    Worker least = null;
    for (Worker worker : workers) {
      if (worker.violationParent != 0 && (least == null || worker.isBefore(least))) {
        least = worker;
      }
    }
    return least;
  }

  private Exploration end(Exploration.Verdict verdict, String ended) {
    long transitions = 0;
    for (Worker worker : workers) {
      transitions += worker.transitions;
    }
    Worker least = leastViolation();
    return new Exploration(
        search,
        verdict,
        least == null ? null : least.counterexample(),
        ended,
        store.size(),
        transitions,
        depth,
        store.bytes(),
        System.nanoTime() - began);
  }

  /** The states of one level that are still to be looked at, as ranges of each thread's states. */
  private final class Frontier {
    private final int[] from;
    private final int[] to;
    private final long total;
    private final AtomicLong next = new AtomicLong();
    private long opened;

    Frontier(int[] from, int[] to) {
      this.from = from;
      this.to = to;
      long sum = 0;
      for (int i = 0; i < from.length; i++) {
        sum += to[i] - from[i];
      }
      total = sum;
    }

    long left() {
      return total - opened;
    }

    /** Lets the threads take so many more. */
    void open(long batch) {
      next.set(opened);
      opened = Math.min(total, opened + batch);
    }

    /** Takes a portion; returns where it begins, and nothing is left if that is at the end. */
    long take() {
      return Math.min(next.getAndAdd(PORTION), opened);
    }

    long end(long portion) {
      return Math.min(portion + PORTION, opened);
    }

    int id(long position) {
      long rest = position;
      int thread = 0;
      while (rest >= to[thread] - from[thread]) {
        rest -= to[thread] - from[thread];
        thread++;
      }
      return store.id(thread, (int) (from[thread] + rest));
    }
  }

  /** One thread's share: its own transition function, its own scratch objects. */
  private final class Worker {
    private final int number;
    private final Transitions transitionFunction = new Transitions(search.rules(), search.bounds());
    private final Codec codec = new Codec(transitionFunction, search.symmetric());
    private final int[] operations = transitionFunction.operations();
    private final World base = transitionFunction.scratch();
    private final World next = transitionFunction.scratch();
    private final long[] packed = new long[codec.words()];
    private long transitions;
    private int violationParent;
    private int violationIndex;
    private int violationBits;

    Worker(int number) {
      this.number = number;
    }

    void addInitial() {
      codec.encode(transitionFunction.initial(), packed);
      store.add(number, packed, 0);
    }

    void expand(Frontier frontier) {
      long portion = frontier.take();
      while (portion < frontier.end(portion)) {
        long end = frontier.end(portion);
        for (long position = portion; position < end; position++) {
          expand(frontier.id(position));
        }
        portion = frontier.take();
      }
    }

    private void expand(int id) {
      codec.decode(store.chunk(id), store.offset(id), base);
      boolean dirty = true;
      for (int index = 0; index < operations.length; index++) {
        if (dirty) {
          next.copy(base);
        }
        int result = transitionFunction.step(next, operations[index]);
        dirty = result != Transitions.DISABLED;
        if (result < 0) {
          continue;
        }
        transitions++;
        if ((result & search.invariants()) != 0) {
          offerViolation(id, index, result);
        } else {
          codec.encode(next, packed);
          store.add(number, packed, id);
        }
      }
    }

    private void offerViolation(int parent, int index, int bits) {
      int order = violationParent == 0 ? -1 : store.compare(parent, violationParent);
      if (order < 0 || (order == 0 && index < violationIndex)) {
        violationParent = parent;
        violationIndex = index;
        violationBits = bits;
      }
    }

    boolean isBefore(Worker other) {
      int order = store.compare(violationParent, other.violationParent);
      return order < 0 || (order == 0 && violationIndex < other.violationIndex);
    }

    /** Finds the operations that lead from the beginning through the remembered states. */
    Counterexample counterexample() {
      Deque<Integer> path = new ArrayDeque<>();
      for (int id = violationParent; id != 0; id = store.parent(id)) {
        path.addFirst(id);
      }
      path.removeFirst();
      List<Integer> found = new ArrayList<>();
      World world = transitionFunction.initial();
      for (int id : path) {
        found.add(operationTo(world, id));
      }
      for (int operation : operations) {
        next.copy(world);
        if (transitionFunction.step(next, operation) == violationBits) {
          found.add(operation);
          return new Counterexample(
              search.rules(), search.bounds(), found, Invariant.of(violationBits));
        }
      }
      throw new IllegalStateException("the last step of a counterexample is not found again");
    }

    private int operationTo(World world, int id) {
      long[] chunk = store.chunk(id);
      int at = store.offset(id);
      for (int operation : operations) {
        next.copy(world);
        if (transitionFunction.step(next, operation) >= 0) {
          codec.encode(next, packed);
          if (Arrays.equals(packed, 0, packed.length, chunk, at, at + packed.length)) {
            world.copy(next);
            return operation;
          }
        }
      }
      throw new IllegalStateException("a step of a counterexample is not found again");
    }
  }
}
