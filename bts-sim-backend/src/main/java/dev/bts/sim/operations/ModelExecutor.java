package dev.bts.sim.operations;

import dev.bts.accounting.operations.MachineFacts;
import dev.bts.accounting.operations.MachineModel;
import dev.bts.accounting.operations.Operation;
import dev.bts.accounting.operations.Verb;
import dev.bts.api.charging.Principal;
import dev.bts.sim.kernel.AddressSpace;
import dev.bts.sim.kernel.Credentials;
import dev.bts.sim.kernel.KernelVersion;
import dev.bts.sim.kernel.Machine;
import dev.bts.sim.kernel.MemoryCalls;
import dev.bts.sim.kernel.ProcessCalls;
import dev.bts.sim.kernel.ResourceLimits;
import dev.bts.sim.kernel.SegmentCalls;
import dev.bts.sim.kernel.SharedSegment;
import dev.bts.sim.kernel.SystemCallException;
import dev.bts.sim.kernel.Task;
import dev.bts.sim.kernel.User;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Executes operations on the model. */
final class ModelExecutor implements MachineModel.Executor {
  /** Areas are so far apart that none grows into the next. */
  private static final long AREA_PAGES = 1L << 20;

  private static final long PAGE_BYTES = 4096;
  private static final int KEEP = 2;
  private static final int MCL_CURRENT = 1;
  private static final int MCL_FUTURE = 2;
  private static final int MCL_ONFAULT = 4;

  private final MachineFacts facts;
  private final Machine machine;
  private final ProcessCalls processes;
  private final MemoryCalls memory;
  private final SegmentCalls segmentCalls;
  private final Actors actors = new Actors();
  private final Map<Integer, SharedSegment> segments = new TreeMap<>();

  ModelExecutor(MachineFacts facts, KernelVersion kernel) {
    this.facts = facts;
    this.machine = new Machine(kernel, facts.giftPages());
    this.processes = new ProcessCalls(machine, facts.imagePages(), facts.lockablePages());
    this.memory = new MemoryCalls(machine);
    this.segmentCalls = new SegmentCalls(machine);
    for (MachineFacts.UserFacts user : facts.users()) {
      user(user).chargeForeign(user.lockedPages(), user.perfPages());
    }
  }

  @Override
  public boolean applicable(Operation operation) {
    Verb verb = operation.verb();
    for (int i = 0; i < operation.operands().size(); i++) {
      int value = operation.at(i);
      boolean sensible =
          switch (verb.operands().get(i)) {
            case PROCESS -> verb == Verb.REAP ? actors.isZombie(value) : actors.lives(value);
            case NEW_PROCESS -> !actors.lives(value) && !actors.isZombie(value);
            case SEGMENT -> segments.containsKey(value) != (verb == Verb.SHMGET);
            case PAGES -> value > 0 || verb == Verb.PRLIMIT;
            default -> true;
          };
      if (!sensible) {
        return false;
      }
    }
    return switch (verb) {
      case EXEC -> {
        Task task = actors.get(operation.at(0));
        yield task.tid() == task.group().pid();
      }
      case URING_SETUP -> facts.uringPages() > 0;
      case UNSHARE_USER -> facts.userNamespaces();
      // What the kernel loses of a user's pages must not be a user's who has more to do.
      case PERF_MMAP ->
          !(facts.singleUser()
              && machine.memory().kernel().chargesSecondMapping()
              && memory.isMapped(actors.get(operation.at(0)), operation.at(1)));
      default -> true;
    };
  }

  @Override
  public String execute(Operation operation) {
    try {
      switch (operation.verb()) {
        case START, FORK, SHARE, THREAD, EXEC, EXIT, KILL, REAP, PRLIMIT, SETRESUID, UNSHARE_USER ->
            ofProcess(operation);
        case SHMGET, SHMAT, SHMDT, SHM_LOCK, SHM_UNLOCK, SHM_REMOVE -> ofSegment(operation);
        case PERF_OPEN, PERF_MMAP, URING_SETUP, DUP, CLOSE, PASS -> ofFile(operation);
        case MMAP, MUNMAP, MREMAP, MLOCK, MUNLOCK, MLOCKALL, MUNLOCKALL -> ofMemory(operation);
      }
    } catch (SystemCallException refused) {
      return refused.errno().name();
    }
    actors.sweep();
    return OK;
  }

  private void ofProcess(Operation operation) throws SystemCallException {
    int name = operation.at(0);
    switch (operation.verb()) {
      case START -> actors.add(name, start(operation.at(1), operation.at(2)));
      case FORK -> actors.add(operation.at(1), processes.fork(actors.get(name)));
      case SHARE -> actors.add(operation.at(1), processes.share(actors.get(name)));
      case THREAD -> actors.add(operation.at(1), processes.thread(actors.get(name)));
      case EXEC -> processes.exec(actors.get(name));
      case EXIT -> machine.exit(actors.get(name));
      case KILL -> processes.kill(actors.get(name), actors.get(operation.at(1)));
      case REAP -> actors.reap(name);
      case PRLIMIT ->
          processes.setSoftLimit(
              actors.get(name),
              actors.get(operation.at(1)),
              operation.at(2) * PAGE_BYTES,
              facts.hardLimitPages() < 0
                  ? ResourceLimits.INFINITE
                  : facts.hardLimitPages() * PAGE_BYTES);
      case SETRESUID ->
          processes.setUids(
              actors.get(name), uid(operation.at(1)), uid(operation.at(2)), uid(operation.at(3)));
      case UNSHARE_USER -> processes.unshareUser(actors.get(name));
      default -> throw new IllegalArgumentException(operation.toString());
    }
  }

  private Task start(int real, int saved) {
    Credentials credentials =
        new Credentials(principal(uid(real)), Set.of(), uid(real), uid(saved), false);
    return processes.start(
        credentials,
        new ResourceLimits(ResourceLimits.INFINITE, facts.softLimitPages() * PAGE_BYTES));
  }

  private void ofSegment(Operation operation) throws SystemCallException {
    Task task = actors.get(operation.at(0));
    if (operation.verb() == Verb.SHMGET) {
      segments.put(operation.at(1), segmentCalls.get(task, operation.at(2)));
      return;
    }
    if (operation.verb() == Verb.SHMDT) {
      segmentCalls.detach(task, page(operation.at(1)), AREA_PAGES);
      return;
    }
    SharedSegment segment = segment(operation.at(1));
    switch (operation.verb()) {
      case SHMAT -> segmentCalls.attach(task, segment, page(operation.at(2)));
      case SHM_LOCK -> segmentCalls.lock(task, segment);
      case SHM_UNLOCK -> segmentCalls.unlock(task, segment);
      case SHM_REMOVE -> segmentCalls.remove(task, segment);
      default -> throw new IllegalArgumentException(operation.toString());
    }
  }

  private void ofFile(Operation operation) throws SystemCallException {
    Task task = actors.get(operation.at(0));
    int descriptor = operation.at(1);
    switch (operation.verb()) {
      case PERF_OPEN -> memory.openEvent(task, descriptor, isSet(operation.at(2), 1));
      case PERF_MMAP -> memory.mapRing(task, descriptor, page(operation.at(2)), operation.at(3));
      case URING_SETUP -> memory.setUpRing(task, descriptor, facts.uringPages());
      case DUP -> memory.duplicate(task, descriptor, operation.at(2));
      case CLOSE -> memory.close(task, descriptor);
      case PASS -> memory.pass(task, descriptor, actors.get(operation.at(2)), operation.at(3));
      default -> throw new IllegalArgumentException(operation.toString());
    }
  }

  private void ofMemory(Operation operation) throws SystemCallException {
    Task task = actors.get(operation.at(0));
    int second = operation.operands().size() > 1 ? operation.at(1) : 0;
    switch (operation.verb()) {
      case MMAP -> memory.map(task, page(second), operation.at(2), isSet(operation.at(3), 1));
      case MUNMAP -> memory.unmap(task, page(second) + operation.at(2), operation.at(3));
      case MREMAP -> memory.grow(task, page(second), AREA_PAGES, operation.at(2));
      case MLOCK ->
          memory.lock(
              task, page(second) + operation.at(2), operation.at(3), isSet(operation.at(4), 1));
      case MUNLOCK -> memory.unlock(task, page(second) + operation.at(2), operation.at(3));
      case MLOCKALL ->
          memory.lockAll(
              task,
              isSet(second, MCL_CURRENT),
              isSet(second, MCL_FUTURE),
              isSet(second, MCL_ONFAULT));
      case MUNLOCKALL -> memory.unlockAll(task);
      default -> throw new IllegalArgumentException(operation.toString());
    }
  }

  @Override
  public SortedMap<String, Long> counters(SortedMap<String, Long> guess) {
    SortedMap<String, Long> counters = new TreeMap<>();
    actors
        .live()
        .forEach(
            (name, task) -> {
              AddressSpace mm = task.mm();
              counters.put("p" + name + ".VmSize", mm.totalPages());
              counters.put("p" + name + ".VmLck", mm.lockedPages());
              counters.put("p" + name + ".VmPin", mm.pinnedPages());
            });
    for (int number = 0; number < facts.users().size(); number++) {
      User user = user(facts.users().get(number));
      counters.put("u" + number + ".SHM_LOCK", user.memlockPages());
      counters.put("u" + number + ".perf", visible(user.perfPages()));
    }
    return counters;
  }

  /** More than the gift looks like the gift, and so does less than nothing, which is unsigned. */
  private long visible(long perfPages) {
    return perfPages < 0 ? facts.giftPages() : Math.min(perfPages, facts.giftPages());
  }

  @Override
  public void close() {
    segments.clear();
  }

  private User user(MachineFacts.UserFacts user) {
    return machine.memory().user(principal(user.uid()));
  }

  private static Principal principal(int uid) {
    return new Principal(Credentials.INITIAL_USER_NAMESPACE, uid);
  }

  private int uid(int user) {
    return user == KEEP ? -1 : facts.user(user).uid();
  }

  private SharedSegment segment(int name) {
    SharedSegment segment = segments.get(name);
    if (segment == null) {
      throw new IllegalStateException("s" + name + " was never made");
    }
    return segment;
  }

  private static long page(int area) {
    return (area + 1) * AREA_PAGES;
  }

  private static boolean isSet(int flags, int flag) {
    return (flags & flag) != 0;
  }
}
