package dev.bts.sim.rules;

import java.util.Arrays;

/**
 * Packs worlds into words. Worlds that differ only in the numbers of their tasks, address spaces,
 * users and buffers are packed alike: they are put in an order by what they are, not by their
 * number. (Two that cannot be told apart by what is compared stay in the order they had, which
 * costs states and never loses any.) One object for each thread.
 *
 * <p>Users are kept in order where there are user namespaces, because a namespace belongs to one.
 */
public final class Codec {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final Shape shape;
  private final boolean symmetric;
  private final int words;
  private final int[] wordOf;
  private final int[] shiftOf;
  private final long[] maskOf;
  private final int[] biasOf;
  private final World ordered;
  private final long[] taskKeys;
  private final long[] refinedKeys;
  private final long[] userKeys;
  private final long[] bufferKeys;
  private final long[] mmKeys;
  private final int[] newTask;
  private final int[] newUser;
  private final int[] newBuffer;
  private final int[] newMm;
  private final int[] newAccount;

  /** The address spaces of tasks, in the new order of tasks. */
  private final int[] placed;

  /**
   * Makes a codec for the worlds of some transitions.
   *
   * @param symmetric whether worlds that differ in numbers alone are packed alike
   */
  public Codec(Transitions transitions, boolean symmetric) {
    shape = transitions.shape();
    this.symmetric = symmetric;
    ordered = new World(shape);
    wordOf = new int[shape.size];
    shiftOf = new int[shape.size];
    maskOf = new long[shape.size];
    biasOf = shape.bias;
    int word = 0;
    int bit = 0;
    for (int i = 0; i < shape.size; i++) {
      if (bit + shape.bits[i] > Long.SIZE) {
        word++;
        bit = 0;
      }
      wordOf[i] = word;
      shiftOf[i] = bit;
      maskOf[i] = (1L << shape.bits[i]) - 1;
      bit += shape.bits[i];
    }
    words = word + 1;
    taskKeys = new long[shape.tasks];
    refinedKeys = new long[shape.tasks];
    userKeys = new long[shape.users];
    bufferKeys = new long[shape.buffers];
    mmKeys = new long[shape.mms];
    newTask = new int[shape.tasks];
    newUser = new int[shape.users];
    newBuffer = new int[shape.buffers];
    newMm = new int[shape.mms];
    newAccount = new int[shape.accounts];
    placed = new int[shape.tasks];
  }

  /** Returns how many words a packed world has. */
  public int words() {
    return words;
  }

  /** Packs a world into the first words of an array. */
  public void encode(World world, long[] into) {
    World from = world;
    if (symmetric) {
      order(world);
      from = ordered;
    }
    int[] values = from.values;
    long packed = 0;
    int word = 0;
    for (int i = 0; i < values.length; i++) {
      if (wordOf[i] != word) {
        into[word++] = packed;
        packed = 0;
      }
      packed |= (long) (values[i] + biasOf[i]) << shiftOf[i];
    }
    into[word] = packed;
  }

  /** Unpacks a world. */
  public void decode(long[] from, int at, World into) {
    int[] values = into.values;
    for (int i = 0; i < values.length; i++) {
      values[i] = (int) (from[at + wordOf[i]] >>> shiftOf[i] & maskOf[i]) - biasOf[i];
    }
  }

  private static long mix(long a, long b) {
    long z = (a ^ b * GOLDEN) * 0xBF58476D1CE4E5B9L;
    return z ^ z >>> 29;
  }

  private void order(World world) {
    keys(world);
    rank(refinedKeys, newTask);
    rank(bufferKeys, newBuffer);
    if (shape.bounds.namespaces() == 0) {
      rank(userKeys, newUser);
    } else {
      Arrays.setAll(newUser, i -> i);
    }
    rankMms(world);
    renumberAccounts();
    permute(world);
  }

  private void renumberAccounts() {
    int account = 0;
    for (int mm = 0; mm < shape.mms; mm++) {
      for (int i = 0; i < Shape.MM_ACCOUNTS; i++) {
        newAccount[account++] = newMm[mm] * Shape.MM_ACCOUNTS + i;
      }
    }
    int firstOfUsers = account;
    for (int user = 0; user < shape.users; user++) {
      for (int i = 0; i < Shape.USER_ACCOUNTS; i++) {
        newAccount[account++] = firstOfUsers + newUser[user] * Shape.USER_ACCOUNTS + i;
      }
    }
    while (account < shape.accounts) {
      newAccount[account] = account++;
    }
  }

  private void keys(World world) {
    for (int mm = 0; mm < shape.mms; mm++) {
      long key = 3L * (isLowered(world, mm) ? 1 : 0) + world.mm(mm, Shape.FOREIGN);
      for (int i = 0; i < Shape.MM_ACCOUNTS; i++) {
        key = mix(key, world.counter(mm * Shape.MM_ACCOUNTS + i));
      }
      mmKeys[mm] = key;
    }
    for (int user = 0; user < shape.users; user++) {
      int first = shape.mms * Shape.MM_ACCOUNTS + user * Shape.USER_ACCOUNTS;
      userKeys[user] = mix(world.counter(first), world.counter(first + 1));
    }
    for (int buffer = 0; buffer < shape.buffers; buffer++) {
      bufferKeys[buffer] = world.phase(buffer) == Shape.NONE ? 0 : bufferKey(world, buffer);
    }
    for (int task = 0; task < shape.tasks; task++) {
      taskKeys[task] = world.task(task, Shape.STATE) == Shape.ABSENT ? 0 : taskKey(world, task);
    }
    refine(world);
  }

  private static boolean isLowered(World world, int mm) {
    int lowered = 0;
    for (int rest = world.tasksOfMm(mm); rest != 0; rest &= rest - 1) {
      lowered |= world.task(Integer.numberOfTrailingZeros(rest), Shape.LOWERED);
    }
    return lowered != 0;
  }

  private long bufferKey(World world, int buffer) {
    long key = world.buffer(buffer, Shape.SIZE);
    key = key << 3 | world.phase(buffer);
    key = key << 1 | world.buffer(buffer, Shape.KIND);
    key = key << 1 | world.buffer(buffer, Shape.STRAY);
    key = key << 1 | world.buffer(buffer, Shape.INACTIVE);
    key = key << 1 | world.buffer(buffer, Shape.RELOCKED);
    key = key << 3 | Integer.bitCount(world.buffer(buffer, Shape.HOLDERS));
    key = key << 3 | Integer.bitCount(world.buffer(buffer, Shape.MAPPINGS));
    long charges = 0;
    int count = world.charges(buffer);
    for (int charge = 0; charge < count; charge++) {
      int account = world.chargedAccount(buffer, charge);
      long owner =
          shape.isMmAccount(account)
              ? mix(mmKeys[shape.mmOf(account)], account % Shape.MM_ACCOUNTS)
              : shape.isUserAccount(account)
                  ? mix(userKeys[shape.userOf(account)], shape.accountOfUser(account, 0))
                  : account;
      charges += mix(owner, world.chargedPages(buffer, charge));
    }
    return mix(key, charges) | 1;
  }

  private long taskKey(World world, int task) {
    long key = world.task(task, Shape.STATE);
    key = key << 1 | world.task(task, Shape.CAPABLE);
    key = key << 2 | world.task(task, Shape.GROUP);
    int unusual = world.task(task, Shape.LOWERED) & ~Shape.LOWERED_LIMIT;
    unusual = unusual << 1 | world.task(task, Shape.EXECUTING);
    if (shape.sharesMemory) {
      unusual = unusual << 3 | Integer.bitCount(world.task(task, Shape.THREADS));
      unusual = unusual << 2 | world.task(task, Shape.LOWERED);
    }
    key = unusual == 0 ? key : mix(key, unusual);
    int mm = world.mmOf(task);
    key = mix(key, userKeys[world.task(task, Shape.USER)]);
    if (mm >= 0) {
      key = mix(key, mmKeys[mm]);
      key = mix(key, Integer.bitCount(world.tasksOfMm(mm)));
    }
    int pending = world.task(task, Shape.PENDING);
    key = mix(key, pending == 0 ? 0 : bufferKeys[pending - 1]);
    long buffers = 0;
    for (int buffer = 0; buffer < shape.buffers; buffer++) {
      if (world.phase(buffer) != Shape.NONE) {
        int role = world.ownerOf(buffer) == task ? 1 : 0;
        role |= world.isHolder(buffer, task) ? 2 : 0;
        role |= mm >= 0 && world.isMapped(buffer, mm) ? 4 : 0;
        buffers += mix(bufferKeys[buffer], role);
      }
    }
    return mix(key, buffers) | 1;
  }

  /** Tells apart by relations what is alike by itself. */
  private void refine(World world) {
    for (int task = 0; task < shape.tasks; task++) {
      long related = 0;
      for (int other = 0; other < shape.tasks && taskKeys[task] != 0; other++) {
        if (taskKeys[other] != 0) {
          int relation = world.tracerOf(task) == other ? 1 : 0;
          relation |= world.tracerOf(other) == task ? 2 : 0;
          relation |= world.mmOf(task) >= 0 && world.mmOf(other) == world.mmOf(task) ? 4 : 0;
          relation |= world.task(task, Shape.USER) == world.task(other, Shape.USER) ? 8 : 0;
          relation |= (world.task(task, Shape.THREADS) >> other & 1) != 0 ? 16 : 0;
          relation |= world.parentOf(task) == other ? 32 : 0;
          relation |= world.parentOf(other) == task ? 64 : 0;
          related += mix(taskKeys[other], relation);
        }
      }
      refinedKeys[task] = taskKeys[task] == 0 ? 0 : mix(taskKeys[task], related) | 1;
      int user = world.task(task, Shape.USER);
      userKeys[user] += refinedKeys[task];
    }
    for (int buffer = 0; buffer < shape.buffers; buffer++) {
      if (bufferKeys[buffer] != 0) {
        long related = 0;
        for (int task = 0; task < shape.tasks; task++) {
          int role = world.ownerOf(buffer) == task ? 1 : 0;
          role |= world.isHolder(buffer, task) ? 2 : 0;
          related += role == 0 ? 0 : mix(refinedKeys[task], role);
        }
        bufferKeys[buffer] = mix(bufferKeys[buffer], related) | 1;
      }
    }
  }

  /** Gives the largest key the place 0; the key 0, that of nothing, comes last. */
  private static void rank(long[] keys, int[] places) {
    for (int i = 0; i < keys.length; i++) {
      int place = 0;
      for (int j = 0; j < keys.length; j++) {
        int order = Long.compareUnsigned(keys[j], keys[i]);
        place += order > 0 || (order == 0 && j < i) ? 1 : 0;
      }
      places[i] = place;
    }
  }

  /** Address spaces are in the order of their tasks; then come those that are left, by key. */
  private void rankMms(World world) {
    Arrays.fill(newMm, -1);
    Arrays.fill(placed, -1);
    for (int task = 0; task < shape.tasks; task++) {
      placed[newTask[task]] = world.mmOf(task);
    }
    int next = 0;
    for (int mm : placed) {
      if (mm >= 0 && newMm[mm] < 0) {
        newMm[mm] = next++;
      }
    }
    addBuffersToKeys(world);
    while (next < shape.mms) {
      int first = -1;
      for (int mm = 0; mm < shape.mms; mm++) {
        if (newMm[mm] < 0 && (first < 0 || Long.compareUnsigned(mmKeys[mm], mmKeys[first]) > 0)) {
          first = mm;
        }
      }
      newMm[first] = next++;
    }
  }

  /** Tells address spaces that nobody lives in apart by the buffers that refer to them. */
  private void addBuffersToKeys(World world) {
    for (int buffer = 0; buffer < shape.buffers; buffer++) {
      int mms = world.mmsOf(buffer);
      for (int rest = mms; rest != 0; rest &= rest - 1) {
        int mm = Integer.numberOfTrailingZeros(rest);
        mmKeys[mm] += newMm[mm] < 0 ? bufferKeys[buffer] : 0;
      }
    }
  }

  private void permute(World world) {
    int[] to = ordered.values;
    System.arraycopy(world.values, 0, to, 0, shape.firstTask);
    for (int task = 0; task < shape.tasks; task++) {
      int from = shape.task(task);
      int at = shape.task(newTask[task]);
      System.arraycopy(world.values, from, to, at, Shape.TASK_FIELDS);
      to[at + Shape.MM] = renumber(to[at + Shape.MM], newMm);
      to[at + Shape.TRACER] = renumber(to[at + Shape.TRACER], newTask);
      to[at + Shape.PARENT] = renumber(to[at + Shape.PARENT], newTask);
      to[at + Shape.THREADS] = renumberBits(to[at + Shape.THREADS], newTask);
      to[at + Shape.PENDING] = renumber(to[at + Shape.PENDING], newBuffer);
      boolean absent = to[at + Shape.STATE] == Shape.ABSENT;
      to[at + Shape.USER] = absent ? 0 : newUser[to[at + Shape.USER]];
    }
    for (int account = 0; account < shape.accounts; account++) {
      to[shape.firstAccount + newAccount[account]] = world.counter(account);
    }
    for (int mm = 0; mm < shape.mms; mm++) {
      System.arraycopy(world.values, shape.mm(mm), to, shape.mm(newMm[mm]), Shape.MM_FIELDS);
    }
    for (int buffer = 0; buffer < shape.buffers; buffer++) {
      int place = newBuffer[buffer];
      int at = shape.buffer(place);
      System.arraycopy(world.values, shape.buffer(buffer), to, at, Shape.CHARGES);
      to[at + Shape.OWNER] = renumber(to[at + Shape.OWNER], newTask);
      to[at + Shape.HOLDERS] = renumberBits(to[at + Shape.HOLDERS], newTask);
      to[at + Shape.MAPPINGS] = renumberBits(to[at + Shape.MAPPINGS], newMm);
      permuteCharges(world, buffer, place);
    }
  }

  private void permuteCharges(World world, int buffer, int place) {
    ordered.clearCharges(place);
    int count = world.charges(buffer);
    for (int charge = 0; charge < count; charge++) {
      int account = newAccount[world.chargedAccount(buffer, charge)];
      int at = charge;
      while (at > 0 && ordered.chargedAccount(place, at - 1) > account) {
        int before = ordered.chargedAccount(place, at - 1);
        ordered.setCharge(place, at, before, ordered.chargedPages(place, at - 1));
        at--;
      }
      ordered.setCharge(place, at, account, world.chargedPages(buffer, charge));
    }
  }

  private static int renumber(int reference, int[] places) {
    return reference == 0 ? 0 : places[reference - 1] + 1;
  }

  private static int renumberBits(int bits, int[] places) {
    int renumbered = 0;
    for (int rest = bits; rest != 0; rest &= rest - 1) {
      renumbered |= 1 << places[Integer.numberOfTrailingZeros(rest)];
    }
    return renumbered;
  }
}
