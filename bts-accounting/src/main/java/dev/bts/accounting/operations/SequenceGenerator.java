package dev.bts.accounting.operations;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Generates sequences of operations from seeds. It keeps in mind roughly what exists, as if every
 * operation succeeded, and mostly asks for what makes sense then; now and then for anything. Each
 * sequence has a theme, whose operations are more frequent in it, so that some go deep.
 */
public final class SequenceGenerator {
  private static final int[] SIZES = {1, 1, 2, 3, 4, 8, 15, 16, 17, 24, 32, 48, 63, 64, 65, 130};
  private static final int[] RINGS = {1, 2, 5, 9, 17, 33, 65, 65, 129, 129, 129, 257, 257, 4};
  private static final int[] LIMITS = {0, 1, 4, 16, 16, 32, 63, 64, 65, 128, 300, 600};

  /** How often, out of a hundred, an operand is anything. */
  private static final int WILD_PERCENT = 6;

  private static final int THEME_FACTOR = 5;
  private static final List<Set<Verb>> THEMES =
      List.of(
          EnumSet.noneOf(Verb.class),
          EnumSet.of(Verb.PERF_OPEN, Verb.PERF_MMAP, Verb.MUNMAP, Verb.FORK, Verb.PASS),
          EnumSet.of(Verb.PERF_MMAP, Verb.URING_SETUP, Verb.CLOSE, Verb.DUP, Verb.SETRESUID),
          EnumSet.of(Verb.MMAP, Verb.MLOCK, Verb.MUNLOCK, Verb.MREMAP, Verb.MLOCKALL, Verb.MUNMAP),
          EnumSet.of(Verb.SHMGET, Verb.SHM_LOCK, Verb.SHMAT, Verb.SHM_REMOVE, Verb.SETRESUID),
          EnumSet.of(Verb.UNSHARE_USER, Verb.FORK, Verb.SHMGET, Verb.SHM_LOCK, Verb.PRLIMIT));

  private final Random random;
  private final Map<Verb, Integer> weights;
  private final int total;
  private final Map<Integer, Owned> live = new HashMap<>();
  private final Set<Integer> zombies = new HashSet<>();
  private final Set<Integer> segments = new HashSet<>();

  private SequenceGenerator(long seed) {
    this.random = new Random(seed);
    this.weights = weights(THEMES.get(random.nextInt(THEMES.size())));
    this.total = weights.values().stream().mapToInt(Integer::intValue).sum();
  }

  /**
   * What a process has; forked children have copies, threads and sharers the same.
   *
   * @param descriptors with the pages of the ring that was mapped through each, 0 for none
   * @param areas with their pages
   * @param attached areas that show a segment
   */
  private record Owned(
      Map<Integer, Integer> descriptors, Map<Integer, Integer> areas, Set<Integer> attached) {
    Owned() {
      this(new HashMap<>(), new HashMap<>(), new HashSet<>());
    }

    Owned copy() {
      return new Owned(new HashMap<>(descriptors), new HashMap<>(areas), new HashSet<>(attached));
    }

    boolean lacks(Verb verb) {
      return switch (verb) {
        case PERF_MMAP, DUP, CLOSE, PASS -> descriptors.isEmpty();
        case MUNMAP, MREMAP, MLOCK, MUNLOCK -> areas.isEmpty();
        case SHMDT -> attached.isEmpty();
        default -> false;
      };
    }
  }

  /** Returns the sequence of a seed. */
  public static List<Operation> generate(long seed, int operations) {
    SequenceGenerator generator = new SequenceGenerator(seed);
    List<Operation> sequence = new ArrayList<>();
    while (sequence.size() < operations) {
      Verb verb = sequence.isEmpty() ? Verb.START : generator.verb();
      Operation operation = generator.operation(verb);
      if (generator.plausible(operation)) {
        generator.remember(operation);
        sequence.add(operation);
      }
    }
    return sequence;
  }

  private static Map<Verb, Integer> weights(Set<Verb> theme) {
    Map<Verb, Integer> weights = new EnumMap<>(Verb.class);
    for (Verb verb : Verb.values()) {
      int weight =
          switch (verb) {
            case PERF_MMAP -> 16;
            case PERF_OPEN, MLOCK, MUNMAP, MMAP, SHMGET, SHM_LOCK, SHMAT -> 9;
            case FORK, PRLIMIT, MUNLOCK, SHM_REMOVE, PASS -> 6;
            case START, SHARE, DUP, CLOSE, SETRESUID, URING_SETUP, MLOCKALL -> 4;
            case THREAD, SHM_UNLOCK, SHMDT, MREMAP, UNSHARE_USER, REAP -> 3;
            case EXEC, EXIT, KILL, MUNLOCKALL -> 2;
          };
      weights.put(verb, theme.contains(verb) ? weight * THEME_FACTOR : weight);
    }
    return weights;
  }

  private Verb verb() {
    if (live.isEmpty()) {
      // Zombies may have all the names.
      return zombies.isEmpty() || random.nextBoolean() ? Verb.START : Verb.REAP;
    }
    int chosen = random.nextInt(total);
    for (Map.Entry<Verb, Integer> weight : weights.entrySet()) {
      chosen -= weight.getValue();
      if (chosen < 0) {
        return weight.getKey();
      }
    }
    throw new IllegalStateException("weights do not add up");
  }

  private Operation operation(Verb verb) {
    List<Integer> operands = new ArrayList<>();
    Owned owned = null;
    for (Operand operand : verb.operands()) {
      int value = operand(verb, operand, owned, operands);
      if (operand == Operand.PROCESS && live.containsKey(value)) {
        owned = live.get(value);
      }
      operands.add(value);
    }
    return new Operation(verb, operands);
  }

  private int operand(Verb verb, Operand operand, @Nullable Owned owned, List<Integer> before) {
    if (random.nextInt(100) < WILD_PERCENT && operand != Operand.PAGES) {
      return anything(operand);
    }
    return switch (operand) {
      case PROCESS -> pick(verb == Verb.REAP ? zombies : live.keySet(), operand);
      case DESCRIPTOR ->
          owned == null || makesDescriptor(verb, before.size())
              ? anything(operand)
              : pick(owned.descriptors().keySet(), operand);
      case AREA ->
          owned == null || makesArea(verb)
              ? free(owned)
              : pick(verb == Verb.SHMDT ? owned.attached() : owned.areas().keySet(), operand);
      case SEGMENT -> verb == Verb.SHMGET ? anything(operand) : pick(segments, operand);
      case PAGES -> pages(verb, owned, before);
      case OFFSET -> random.nextInt(3) > 0 ? 0 : random.nextInt(6);
      default -> anything(operand);
    };
  }

  private int anything(Operand operand) {
    return switch (operand) {
      case PAGES, OFFSET -> SIZES[random.nextInt(SIZES.length)];
      default -> random.nextInt(operand.largest() + 1);
    };
  }

  private int pages(Verb verb, @Nullable Owned owned, List<Integer> before) {
    return switch (verb) {
      case PERF_MMAP -> {
        int mapped = owned == null ? 0 : owned.descriptors().getOrDefault(before.get(1), 0);
        yield mapped > 0 && random.nextInt(10) > 0 ? mapped : RINGS[random.nextInt(RINGS.length)];
      }
      case PRLIMIT -> LIMITS[random.nextInt(LIMITS.length)];
      case MUNMAP, MLOCK, MUNLOCK -> {
        Integer mapped = owned == null ? null : owned.areas().get(before.get(1));
        int whole = mapped == null ? 1 : mapped;
        yield random.nextInt(3) > 0
            ? Math.max(1, whole - before.get(2))
            : 1 + random.nextInt(whole);
      }
      case MREMAP -> 1 + random.nextInt(16);
      default -> anything(Operand.PAGES);
    };
  }

  private int free(@Nullable Owned owned) {
    int start = random.nextInt(Operand.AREA.largest() + 1);
    for (int i = 0; owned != null && i <= Operand.AREA.largest(); i++) {
      int area = (start + i) % (Operand.AREA.largest() + 1);
      if (!owned.areas().containsKey(area)) {
        return area;
      }
    }
    return start;
  }

  private int pick(Set<Integer> among, Operand operand) {
    if (among.isEmpty()) {
      return anything(operand);
    }
    return among.stream().sorted().skip(random.nextInt(among.size())).findFirst().orElseThrow();
  }

  private static boolean makesDescriptor(Verb verb, int place) {
    return switch (verb) {
      case PERF_OPEN, URING_SETUP -> true;
      case DUP -> place == 2;
      case PASS -> place == 3;
      default -> false;
    };
  }

  private static boolean makesArea(Verb verb) {
    return verb == Verb.MMAP || verb == Verb.PERF_MMAP || verb == Verb.SHMAT;
  }

  /** Leaves out what needs something that is surely not there. */
  private boolean plausible(Operation operation) {
    Verb verb = operation.verb();
    if (verb == Verb.REAP) {
      return zombies.contains(operation.at(0));
    }
    if (verb.operands().get(0) == Operand.PROCESS
        && owned(operation.at(0)).lacks(verb)
        && random.nextInt(100) >= WILD_PERCENT) {
      return false;
    }
    for (int i = 0; i < operation.operands().size(); i++) {
      int value = operation.at(i);
      boolean possible =
          switch (verb.operands().get(i)) {
            case PROCESS -> live.containsKey(value);
            case NEW_PROCESS -> !live.containsKey(value) && !zombies.contains(value);
            case SEGMENT -> segments.contains(value) != (verb == Verb.SHMGET);
            default -> true;
          };
      if (!possible) {
        return false;
      }
    }
    return true;
  }

  private void remember(Operation operation) {
    int actor = operation.at(0);
    Owned owned = owned(actor);
    switch (operation.verb()) {
      case START -> live.put(actor, owned);
      case FORK -> live.put(operation.at(1), owned.copy());
      case SHARE ->
          live.put(
              operation.at(1),
              new Owned(new HashMap<>(owned.descriptors()), owned.areas(), owned.attached()));
      case THREAD -> live.put(operation.at(1), owned);
      case EXEC -> {
        owned.areas().clear();
        owned.attached().clear();
      }
      case EXIT -> end(actor);
      case KILL -> end(operation.at(1));
      case REAP -> zombies.remove(actor);
      case PERF_OPEN, URING_SETUP -> owned.descriptors().put(operation.at(1), 0);
      case DUP -> owned.descriptors().put(operation.at(2), ring(owned, operation.at(1)));
      case CLOSE -> owned.descriptors().remove(operation.at(1));
      case PASS ->
          owned(operation.at(2)).descriptors().put(operation.at(3), ring(owned, operation.at(1)));
      case MMAP -> owned.areas().put(operation.at(1), operation.at(2));
      case PERF_MMAP -> {
        owned.areas().put(operation.at(2), operation.at(3));
        owned.descriptors().replace(operation.at(1), operation.at(3));
      }
      case SHMAT -> {
        owned.areas().put(operation.at(2), 1);
        owned.attached().add(operation.at(2));
      }
      case MUNMAP -> owned.areas().remove(operation.at(1));
      case SHMDT -> {
        owned.areas().remove(operation.at(1));
        owned.attached().remove(operation.at(1));
      }
      case SHMGET -> segments.add(operation.at(1));
      default -> {}
    }
  }

  /** Returns the pages of the ring that was mapped through a descriptor, 0 for none. */
  private static int ring(Owned owned, int descriptor) {
    return owned.descriptors().getOrDefault(descriptor, 0);
  }

  private Owned owned(int process) {
    return live.getOrDefault(process, new Owned());
  }

  private void end(int process) {
    live.remove(process);
    zombies.add(process);
  }
}
