package dev.bts.kernel.operations;

import dev.bts.accounting.operations.LiveMachine;
import dev.bts.accounting.operations.MachineFacts;
import dev.bts.accounting.operations.Operation;
import dev.bts.accounting.operations.Verb;
import dev.bts.kernel.helper.CallChannel;
import dev.bts.kernel.sys.Descriptors;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Insistence;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.Rlimit;
import dev.bts.kernel.sys.Signals;
import dev.bts.kernel.sys.Sys;
import dev.bts.kernel.sys.SystemV;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** One sequence of operations on real processes. */
final class KernelRun implements LiveMachine.Run {
  /** CLONE_NEWUSER. */
  static final long CLONE_NEWUSER = 0x1000_0000;

  /** Entries of a ring of io_uring. */
  static final int URING_ENTRIES = 4;

  /** Descriptors of the language are numbers that nothing else has. */
  private static final int FIRST_DESCRIPTOR = 100;

  private static final long AREA_BYTES = 1L << 32;
  private static final long NANOS_TO_REFUND = 5_000_000_000L;
  private static final int KEEP = 2;
  private static final int CLOSE_ON_EXEC = Descriptors.O_CLOEXEC;
  private static final int URING_PARAMETER_BYTES = 120;

  private final KernelStage stage;
  private final MachineFacts facts;
  private final List<UserPools> pools;
  private final Cast cast;
  private final Map<Integer, Segment> segments = new TreeMap<>();

  /** Whether rings of io_uring were made, which the kernel refunds some time after their end. */
  private boolean refundsLater;

  private boolean over;

  /**
   * A segment. It is removed, and attached in its keeper, as soon as it is made, so that it goes
   * with the keeper, and is the same to everybody else until somebody removes it.
   */
  private record Segment(int id, long attached) {}

  KernelRun(KernelStage stage, MachineFacts facts, List<UserPools> pools) {
    this.stage = stage;
    this.facts = facts;
    this.pools = List.copyOf(pools);
    this.cast = new Cast(stage.nursery());
  }

  @Override
  public MachineFacts facts() {
    return facts;
  }

  @Override
  public String execute(Operation operation) {
    long answer =
        switch (operation.verb()) {
          case START,
              FORK,
              SHARE,
              THREAD,
              EXEC,
              EXIT,
              KILL,
              REAP,
              PRLIMIT,
              SETRESUID,
              UNSHARE_USER ->
              ofProcess(operation);
          case SHMGET, SHMAT, SHMDT, SHM_LOCK, SHM_UNLOCK, SHM_REMOVE -> ofSegment(operation);
          case PERF_OPEN, PERF_MMAP, URING_SETUP, DUP, CLOSE, PASS -> ofFile(operation);
          case MMAP, MUNMAP, MREMAP, MLOCK, MUNLOCK, MLOCKALL, MUNLOCKALL -> ofMemory(operation);
        };
    return Errno.isError(answer) ? Errno.name((int) -answer) : OK;
  }

  private long ofProcess(Operation operation) {
    int name = operation.at(0);
    switch (operation.verb()) {
      case START -> {
        Actor actor = cast.start(name);
        stage.become(actor.channel(), uid(operation.at(1)), uid(operation.at(2)));
        return 0;
      }
      case FORK -> cast.fork(cast.get(name), operation.at(1));
      case SHARE -> cast.share(cast.get(name), operation.at(1));
      case THREAD -> cast.thread(cast.get(name), operation.at(1));
      case EXEC -> {
        return cast.exec(cast.get(name));
      }
      case EXIT -> {
        cast.get(name).channel().send(Sys.EXIT_GROUP, 0);
        cast.ended(cast.get(name).crew());
      }
      case KILL -> {
        return kill(cast.get(name), cast.get(operation.at(1)));
      }
      case REAP -> {
        return cast.reap(name);
      }
      case PRLIMIT -> {
        CallChannel channel = cast.get(name).channel();
        long bytes = operation.at(2) * Mapping.PAGE_BYTES;
        channel.write(Scratch.LIMIT, Scratch.limit(bytes, stage.hardBytes()));
        int target = cast.get(operation.at(1)).tid();
        return channel.call(Sys.PRLIMIT64, target, Rlimit.MEMLOCK, Scratch.LIMIT, 0);
      }
      case SETRESUID -> {
        return cast.get(name)
            .channel()
            .call(Sys.SETRESUID, uid(operation.at(1)), uid(operation.at(2)), uid(operation.at(3)));
      }
      case UNSHARE_USER -> {
        return cast.get(name).channel().call(Sys.UNSHARE, CLONE_NEWUSER);
      }
      default -> throw new IllegalArgumentException(operation.toString());
    }
    return 0;
  }

  private long kill(Actor killer, Actor target) {
    if (killer.crew() == target.crew()) {
      killer.channel().send(Sys.KILL, target.crew().pid(), Signals.SIGKILL);
    } else {
      long answer = killer.channel().call(Sys.KILL, target.tid(), Signals.SIGKILL);
      if (Errno.isError(answer)) {
        return answer;
      }
    }
    cast.ended(target.crew());
    return 0;
  }

  private long ofSegment(Operation operation) {
    CallChannel channel = cast.get(operation.at(0)).channel();
    if (operation.verb() == Verb.SHMDT) {
      return channel.call(Sys.SHMDT, address(operation.at(1)));
    }
    if (operation.verb() == Verb.SHMGET) {
      return make(channel, operation.at(1), operation.at(2));
    }
    Segment segment = segment(operation.at(1));
    switch (operation.verb()) {
      case SHMAT -> {
        return channel.call(Sys.SHMAT, segment.id(), address(operation.at(2)), 0);
      }
      case SHM_LOCK -> {
        return channel.call(Sys.SHMCTL, segment.id(), SystemV.SHM_LOCK);
      }
      case SHM_UNLOCK -> {
        return channel.call(Sys.SHMCTL, segment.id(), SystemV.SHM_UNLOCK);
      }
      case SHM_REMOVE -> {
        long answer = channel.call(Sys.SHMCTL, segment.id(), SystemV.IPC_RMID);
        if (answer == 0) {
          stage.keeper().call(Sys.SHMDT, segment.attached());
          segments.put(operation.at(1), new Segment(segment.id(), 0));
        }
        return answer;
      }
      default -> throw new IllegalArgumentException(operation.toString());
    }
  }

  private long make(CallChannel channel, int name, long pages) {
    long id =
        channel.call(
            Sys.SHMGET,
            SystemV.IPC_PRIVATE,
            pages * Mapping.PAGE_BYTES,
            SystemV.IPC_CREAT | SystemV.OWNER_ONLY);
    if (Errno.isError(id)) {
      return id;
    }
    long attached = stage.keeper().call(Sys.SHMAT, id);
    long removed = Insistence.call(() -> stage.keeper().call(Sys.SHMCTL, id, SystemV.IPC_RMID));
    segments.put(name, new Segment((int) id, attached));
    Errno.check(attached, "attach a segment in its keeper");
    Errno.check(removed, "remove a segment in its keeper");
    return 0;
  }

  private long ofFile(Operation operation) {
    CallChannel channel = cast.get(operation.at(0)).channel();
    int descriptor = FIRST_DESCRIPTOR + operation.at(1);
    switch (operation.verb()) {
      case PERF_OPEN -> {
        long opened = channel.call(Sys.PERF_EVENT_OPEN, Scratch.EVENT, 0, -1, -1, 0);
        return place(channel, opened, descriptor, (operation.at(2) & 1) == 0 ? 0 : CLOSE_ON_EXEC);
      }
      case URING_SETUP -> {
        channel.write(Scratch.RING, new byte[URING_PARAMETER_BYTES]);
        long opened = channel.call(Sys.IO_URING_SETUP, URING_ENTRIES, Scratch.RING);
        refundsLater = true;
        return place(channel, opened, descriptor, CLOSE_ON_EXEC);
      }
      case PERF_MMAP -> {
        return channel.call(
            Sys.MMAP,
            address(operation.at(2)),
            operation.at(3) * Mapping.PAGE_BYTES,
            Mapping.PROT_READ | Mapping.PROT_WRITE,
            Mapping.MAP_SHARED | Mapping.MAP_FIXED_NOREPLACE,
            descriptor,
            0);
      }
      case DUP -> {
        return channel.call(Sys.DUP2, descriptor, FIRST_DESCRIPTOR + operation.at(2));
      }
      case CLOSE -> {
        return channel.call(Sys.CLOSE, descriptor);
      }
      case PASS -> {
        int taken = channel.take(descriptor);
        if (taken < 0) {
          return taken;
        }
        try {
          CallChannel receiver = cast.get(operation.at(2)).channel();
          return place(receiver, receiver.give(taken), FIRST_DESCRIPTOR + operation.at(3), 0);
        } finally {
          Descriptors.close(taken);
        }
      }
      default -> throw new IllegalArgumentException(operation.toString());
    }
  }

  /** Gives a descriptor that was just opened its number of the language. */
  private static long place(CallChannel channel, long opened, int number, int flags) {
    if (Errno.isError(opened)) {
      return opened;
    }
    Errno.check(channel.call(Sys.DUP3, opened, number, flags), "duplicate a descriptor");
    return channel.call(Sys.CLOSE, opened);
  }

  private long ofMemory(Operation operation) {
    Actor actor = cast.get(operation.at(0));
    CallChannel channel = actor.channel();
    long second = operation.operands().size() > 1 ? operation.at(1) : 0;
    switch (operation.verb()) {
      case MMAP -> {
        return channel.call(
            Sys.MMAP,
            address(second),
            operation.at(2) * Mapping.PAGE_BYTES,
            Mapping.PROT_READ | Mapping.PROT_WRITE,
            Mapping.MAP_PRIVATE
                | Mapping.MAP_ANONYMOUS
                | Mapping.MAP_FIXED_NOREPLACE
                | ((operation.at(3) & 1) == 0 ? 0 : Mapping.MAP_LOCKED),
            -1,
            0);
      }
      case MUNMAP -> {
        return onRange(channel, Sys.MUNMAP, operation);
      }
      case MREMAP -> {
        long last = lastPage(actor, address(second));
        long bytes = (1L + operation.at(2)) * Mapping.PAGE_BYTES;
        return channel.call(Sys.MREMAP, last, Mapping.PAGE_BYTES, bytes, 0);
      }
      case MLOCK -> {
        return onRange(channel, Sys.MLOCK2, operation, operation.at(4) & 1);
      }
      case MUNLOCK -> {
        return onRange(channel, Sys.MUNLOCK, operation);
      }
      case MLOCKALL -> {
        return channel.call(Sys.MLOCKALL, second);
      }
      case MUNLOCKALL -> {
        return channel.call(Sys.MUNLOCKALL);
      }
      default -> throw new IllegalArgumentException(operation.toString());
    }
  }

  private static long onRange(CallChannel channel, int call, Operation operation, long... flags) {
    long start = address(operation.at(1)) + operation.at(2) * Mapping.PAGE_BYTES;
    long bytes = operation.at(3) * Mapping.PAGE_BYTES;
    return flags.length == 0
        ? channel.call(call, start, bytes)
        : channel.call(call, start, bytes, flags[0]);
  }

  /** Returns the last page that is mapped in an area, its first if none is. */
  private static long lastPage(Actor actor, long start) {
    long last = start;
    for (String line : ProcFile.lines("/proc/" + actor.tid() + "/maps")) {
      int dash = line.indexOf('-');
      long end = Long.parseUnsignedLong(line.substring(dash + 1, line.indexOf(' ')), 16);
      if (Long.parseUnsignedLong(line.substring(0, dash), 16) >= start
          && end <= start + AREA_BYTES) {
        last = end - Mapping.PAGE_BYTES;
      }
    }
    return last;
  }

  @Override
  public SortedMap<String, Long> counters(SortedMap<String, Long> guess) {
    SortedMap<String, Long> counters = new TreeMap<>();
    cast.live()
        .forEach(
            (name, actor) -> {
              for (String line : ProcFile.lines("/proc/" + actor.tid() + "/status")) {
                if (line.startsWith("VmSize:")
                    || line.startsWith("VmLck:")
                    || line.startsWith("VmPin:")) {
                  String[] words = line.split("\\s+", 3);
                  String counter = "p" + name + "." + words[0].substring(0, words[0].length() - 1);
                  // A counter below zero is printed as a huge one.
                  counters.put(counter, Long.parseUnsignedLong(words[1]) / 4);
                }
              }
            });
    for (int number = 0; number < pools.size(); number++) {
      String user = "u" + number;
      UserPools pool = pools.get(number);
      counters.put(user + ".SHM_LOCK", pool.locked(guess.getOrDefault(user + ".SHM_LOCK", 0L)));
      counters.put(user + ".perf", settled(pool, guess.getOrDefault(user + ".perf", -1L)));
    }
    return counters;
  }

  /** Measures again while the kernel may still have a ring of io_uring to refund. */
  private long settled(UserPools pool, long guess) {
    long measured = pool.perf(guess);
    long start = System.nanoTime();
    while (refundsLater && measured > guess && System.nanoTime() - start < NANOS_TO_REFUND) {
      measured = pool.perf(guess);
    }
    return measured;
  }

  @Override
  public Optional<String> disturbance() {
    if (stage.isRoot()) {
      return Optional.empty();
    }
    end();
    MachineFacts.UserFacts before = facts.user(0);
    long locked = pools.get(0).locked(before.lockedPages());
    long perf = settled(pools.get(0), before.perfPages());
    return locked == before.lockedPages() && perf == before.perfPages()
        ? Optional.empty()
        : Optional.of("another process of uid " + before.uid() + " has locked or freed memory");
  }

  @Override
  public void close() {
    end();
    pools.forEach(UserPools::close);
  }

  private void end() {
    if (!over) {
      over = true;
      cast.endAll();
      for (Segment segment : segments.values()) {
        if (segment.attached() != 0) {
          stage.keeper().call(Sys.SHMDT, segment.attached());
        }
      }
    }
  }

  private int uid(int user) {
    return user == KEEP ? -1 : facts.user(user).uid();
  }

  private Segment segment(int name) {
    Segment segment = segments.get(name);
    if (segment == null) {
      throw new IllegalStateException("s" + name + " was never made");
    }
    return segment;
  }

  private static long address(long area) {
    return (area + 1) * AREA_BYTES;
  }
}
