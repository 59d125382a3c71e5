package dev.bts.sim.lab;

import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import dev.bts.sim.rules.Bounds;
import dev.bts.sim.rules.Operation;
import dev.bts.sim.rules.OperationKind;
import dev.bts.sim.rules.Rules;
import dev.bts.sim.rules.Transitions;
import dev.bts.sim.rules.World;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a counterexample at random, on machines that are too large to be looked at completely:
 * long walks, each with weights of its own for the kinds of operations, none for some (Groce et
 * al., "Swarm testing", ISSTA 2012), because what is rarely possible beside everything else is
 * often possible without it.
 *
 * <p>Walk <em>n</em> of seed <em>s</em> is the first walk of seed <em>s + n - 1</em>. Of several
 * walks that break something the first by number is the answer, whatever the number of threads, and
 * is made short: no step of it can be left out, and where the states that fewer steps lead to are
 * not too many, there is nothing shorter. That nothing is found proves nothing.
 */
public final class Swarm {
  /** The steps of a walk unless said otherwise. */
  public static final int DEFAULT_STEPS = 1000;

  /** The most steps of a walk. */
  public static final int MOST_STEPS = 1_000_000;

  /** How often operations of a kind are tried in a walk; one kind in four is left out. */
  private static final int[] WEIGHTS = {0, 1, 4, 16};

  /** How many states are looked at for something shorter. */
  private static final long SHORTER_STATES = 50_000;

  private static final long MILLIS_BETWEEN = 100;

  private final Plan plan;
  private final AtomicLong next = new AtomicLong();
  private final AtomicLong walks = new AtomicLong();
  private final AtomicLong steps = new AtomicLong();
  private final AtomicLong first = new AtomicLong(Long.MAX_VALUE);
  private volatile boolean stopped;

  private Swarm(Plan plan) {
    this.plan = plan;
  }

  /**
   * What to look for, and how long.
   *
   * @param rules the rules to check
   * @param bounds how large the machine is
   * @param invariants the invariants that are watched, as bits; steps that break others are
   *     followed
   * @param seed the seed of the first walk; the others follow it
   * @param walks the most walks
   * @param steps the most steps of a walk
   * @param threads how many threads walk
   */
  public record Plan(
      Rules rules, Bounds bounds, int invariants, long seed, long walks, int steps, int threads) {
    /** Checks. */
    public Plan {
      if (walks < 1 || steps < 1 || steps > MOST_STEPS || threads < 1) {
        throw new InvalidRequestException(
            new Explanation(
                walks + " random walks of " + steps + " steps with " + threads + " threads",
                "there is at least one of each, and a walk has at most " + MOST_STEPS + " steps",
                "correct --random, --depth or --threads"));
      }
    }
  }

  /**
   * What was found.
   *
   * @param plan what was looked for
   * @param counterexample what breaks an invariant, made short; null if nothing was found
   * @param seed the seed of the walk that has found it, else that of the first
   * @param found how many steps that walk had made, 0 if nothing was found
   * @param walks how many walks were made
   * @param steps how many steps they had
   * @param nanos how long it took
   */
  public record Result(
      Plan plan,
      @Nullable Counterexample counterexample,
      long seed,
      int found,
      long walks,
      long steps,
      long nanos) {
    private static final double NANOS_PER_SECOND = 1e9;

    /** Returns how many steps were made each second. */
    public long stepsPerSecond() {
      return (long) (steps / Math.max(nanos / NANOS_PER_SECOND, 1e-9));
    }

    /** Returns the answer in a sentence. */
    public String sentence() {
      return counterexample != null
          ? counterexample.sentence()
          : "partial: nothing is broken in "
              + walks
              + " random walks with "
              + steps
              + " steps, which proves nothing about others"
              + (walks < plan.walks() ? "; it was interrupted" : "");
    }
  }

  /** Is told from time to time, and may end the search. */
  @FunctionalInterface
  public interface Listener {
    /** Goes on in silence. */
    Listener SILENT = (walks, steps) -> true;

    /** Returns whether to go on. */
    boolean reached(long walks, long steps);
  }

  /** Looks, and tells the listener how far it has come. */
  public static Result look(Plan plan, Listener listener) {
    return new Swarm(plan).run(listener);
  }

  private Result run(Listener listener) {
    long began = System.nanoTime();
    ExecutorService pool = Executors.newFixedThreadPool(plan.threads());
    try {
      List<Future<?>> runs = new ArrayList<>();
      for (int i = 0; i < plan.threads(); i++) {
        runs.add(pool.submit(this::walkOn));
      }
      for (Future<?> run : runs) {
        while (!isDone(run)) {
          stopped |= !listener.reached(walks.get(), steps.get());
        }
      }
    } finally {
      stopped = true;
      pool.shutdown();
    }
    Counterexample shortened = null;
    int found = 0;
    long number = first.get();
    if (number != Long.MAX_VALUE) {
      Walker walker = new Walker();
      walker.walk(plan.seed() + number);
      found = walker.done.size();
      shortened =
          shortest(
              new Shortening(plan.rules(), plan.bounds(), walker.broken).of(walker.done),
              walker.broken);
    }
    return new Result(
        plan,
        shortened,
        plan.seed() + (shortened == null ? 0 : number),
        found,
        walks.get(),
        steps.get(),
        System.nanoTime() - began);
  }

  /**
   * Looks at all that is shorter, as far as that goes. With one thread, because where a limit of
   * states ends depends on threads.
   */
  private Counterexample shortest(Counterexample shortened, int broken) {
    int shorter = shortened.operations().size() - 1;
    if (shorter == 0) {
      return shortened;
    }
    Search search =
        Search.of(plan.rules(), plan.bounds())
            .watching(broken)
            .limited(shorter, SHORTER_STATES)
            .withThreads(1);
    Counterexample found = Explorer.explore(search).counterexample();
    return found == null ? shortened : found;
  }

  private static boolean isDone(Future<?> run) {
    try {
      run.get(MILLIS_BETWEEN, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException runtime) {
        throw runtime;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while looking", e);
    }
  }

  /** Walks until there is a finding before all walks that are left, or no walk is left. */
  private void walkOn() {
    Walker walker = new Walker();
    long number = next.getAndIncrement();
    while (!stopped && number < plan.walks() && number < first.get()) {
      if (walker.walk(plan.seed() + number)) {
        first.accumulateAndGet(number, Math::min);
      }
      walks.incrementAndGet();
      steps.addAndGet(walker.done.size());
      number = next.getAndIncrement();
    }
  }

  /** One thread's transition function, and the walk that it is on. */
  private final class Walker {
    private final Transitions transitions = new Transitions(plan.rules(), plan.bounds());
    private final int[] all = transitions.operations();
    private final World world = transitions.scratch();
    private final World initial = transitions.initial();
    private final List<Integer> done = new ArrayList<>();
    private int broken;

    /** Returns whether a watched invariant is broken by the last step that was made. */
    boolean walk(long seed) {
      // Of one that does not mix its seed, walks with seeds in a row begin alike.
      SplittableRandom random = new SplittableRandom(seed);
      int[] operations = weighted(random);
      done.clear();
      world.copy(initial);
      while (done.size() < plan.steps()) {
        int result = step(operations, random);
        if (result < 0) {
          return false;
        }
        if ((result & plan.invariants()) != 0) {
          broken = result & plan.invariants();
          return true;
        }
      }
      return false;
    }

    /** Returns operations, those of each kind as often as a weight says that is drawn for it. */
    private int[] weighted(SplittableRandom random) {
      Map<OperationKind, Integer> weights = new EnumMap<>(OperationKind.class);
      for (OperationKind kind : plan.rules().operations()) {
        weights.put(kind, WEIGHTS[random.nextInt(WEIGHTS.length)]);
      }
      return Arrays.stream(all)
          .flatMap(each -> times(each, weights.getOrDefault(Operation.kind(each), 0)))
          .toArray();
    }

    private static IntStream times(int operation, int times) {
      return IntStream.range(0, times).map(i -> operation);
    }

    /** Makes a step that is possible; returns what it breaks, or that the walk is at its end. */
    private int step(int[] operations, SplittableRandom random) {
      for (int i = 0; i < operations.length; i++) {
        int operation = operations[random.nextInt(operations.length)];
        int result = transitions.step(world, operation);
        if (result != Transitions.DISABLED) {
          done.add(operation);
          return result;
        }
      }
      return Transitions.DISABLED;
    }
  }
}
