package dev.bts.cli;

import dev.bts.api.BranchTracer;
import dev.bts.api.BtsConfig;
import dev.bts.api.BufferInventory;
import dev.bts.api.ConfigFlag;
import dev.bts.api.ExitStatus;
import dev.bts.api.Explanation;
import dev.bts.api.Fidelity;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.LiveBuffer;
import dev.bts.api.Mechanism;
import dev.bts.api.SessionStatus;
import dev.bts.api.Target;
import dev.bts.api.TargetException;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.Principal;
import dev.bts.api.charging.Receipt;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.api.plan.PlanRequest;
import dev.bts.api.plan.Prospect;
import dev.bts.api.probe.ProbeReport;
import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;
import dev.bts.cli.trace.ListCursor;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A backend that traces nothing: its programs are names that say what happens. It obeys the
 * contract of sessions as far as the command line can see.
 *
 * <ul>
 *   <li>{@code exit N}: branches twice and exits with N
 *   <li>{@code die N}: is killed by signal N
 *   <li>{@code flood N}: branches N times
 *   <li>{@code wait}: runs until it is let go
 *   <li>{@code interrupted}: Ctrl-C is pressed, and it exits with 0
 *   <li>{@code raise NAME}: sends this signal to bts and runs until it is let go
 *   <li>{@code absent}, {@code text}, {@code setuid}: cannot be started
 * </ul>
 */
public final class FakeTracer implements BranchTracer {
  static final int PID = 4321;
  static final BranchRecord BRANCH = new BranchRecord(0x401000, 0x402000, 0, PID);

  /** The processes whose buffers there are. */
  static volatile Set<Integer> present = Set.of();

  static volatile int hiddenProcesses;

  /** The request of the last session. */
  static volatile @Nullable TraceRequest lastRequest;

  /** The last request for a plan. */
  static volatile @Nullable PlanRequest lastPlan;

  /** The last session. */
  static volatile @Nullable FakeSession lastSession;

  /** Creates the backend, as ServiceLoader does. */
  public FakeTracer() {}

  @Override
  public String name() {
    return "fake";
  }

  @Override
  public ProbeReport probe() {
    return new ProbeReport(
        Map.of("kernel", "6.1.0"),
        List.of(
            new ProbeReport.Finding("single-step", true, "50000 steps/s", "", ""),
            new ProbeReport.Finding(
                "intel-bts", false, "no such PMU", "the CPU is an AMD", "use single-step")),
        List.of(new ProbeReport.Finding("tracer", true, "VmLck moved by 1 page", "", "")));
  }

  /** An address space in which there is room for 512 pages, of which 100 are in use. */
  @Override
  public Prospect prospect(PlanRequest request) {
    lastPlan = request;
    TaskIdentity tracer = task(99);
    List<TaskIdentity> tracees = new ArrayList<>();
    for (int i = 1; i <= request.processes(); i++) {
      tracees.add(
          new TaskIdentity(
              new AccountOwner.AddressSpace(0, i), tracer.principal(), tracer.group()));
    }
    return new Prospect(
        request.mechanism().orElse(Mechanism.SINGLE_STEP),
        null,
        tracer,
        tracees,
        new FakeAccounts(tracer),
        (policy, asked, plan) ->
            policy.equals("perf") ? new Explanation("charge it", "no ring", "take another") : null,
        List.of("nothing else happens"),
        0);
  }

  private static TaskIdentity task(int pid) {
    return new TaskIdentity(
        new AccountOwner.AddressSpace(pid, 0),
        new Principal(1, 1000),
        new AccountOwner.Group("/g"));
  }

  /** RLIMIT_MEMLOCK of 512 pages, of which the tracer has locked 100; users are not known. */
  private record FakeAccounts(TaskIdentity tracer) implements AccountView {
    @Override
    public long usedPages(Account account) {
      return switch (account.kind()) {
        case LOCKED_VM -> account.owner().equals(tracer.mm()) ? 100 : 0;
        case USER_MEMLOCK ->
            throw new InvalidRequestException(
                new Explanation("read " + account, "nobody shows it", "ask as root"));
        default -> 7;
      };
    }

    @Override
    public long limitPages(Account account, TaskIdentity charger) {
      return account.kind() == Account.Kind.TOTAL_VM ? UNLIMITED : 512;
    }

    @Override
    public Optional<String> liftedBy(Account account, TaskIdentity charger) {
      return Optional.empty();
    }
  }

  /** A buffer in use (11), an orphan (12), one of unknown owner (13); 14 cannot be reclaimed. */
  @Override
  public BufferInventory inventory() {
    return new BufferInventory() {
      @Override
      public Listing list() {
        return new Listing(
            Stream.of(
                    buffer(11, LiveBuffer.Owner.ALIVE, List.of()),
                    buffer(12, LiveBuffer.Owner.DEAD, List.of("3 of 5 pages are\u001b locked")),
                    buffer(13, LiveBuffer.Owner.UNKNOWN, List.of()),
                    buffer(14, LiveBuffer.Owner.DEAD, List.of()))
                .filter(buffer -> present.contains(buffer.pid()))
                .toList(),
            hiddenProcesses);
      }

      @Override
      public List<Reclaimed> reclaim(int pid) {
        return switch (pid) {
          case 11, 14 -> throw failure("EPERM", TargetException.Reason.NOT_TRACEABLE);
          case 12 -> List.of(new Reclaimed(buffer(12, LiveBuffer.Owner.DEAD, List.of()), 12, 9, 4));
          default -> List.of();
        };
      }
    };
  }

  private static LiveBuffer buffer(int pid, LiveBuffer.Owner owner, List<String> remarks) {
    boolean known = owner != LiveBuffer.Owner.UNKNOWN;
    return new LiveBuffer(
        pid,
        "tracee",
        5,
        known ? OptionalLong.of(5) : OptionalLong.empty(),
        known ? Optional.of(new AccountOwner.AddressSpace(pid, 0)) : Optional.empty(),
        owner,
        "so it is",
        known ? 99 : 0,
        List.of(pid),
        remarks);
  }

  @Override
  public TraceSession open(TraceRequest request) {
    lastRequest = request;
    List<String> program =
        request.target() instanceof Target.Command command ? command.arguments() : List.of("wait");
    switch (program.get(0)) {
      case "absent" -> throw failure("ENOENT", TargetException.Reason.NOT_FOUND);
      case "text" -> throw failure("ENOEXEC", TargetException.Reason.NOT_EXECUTABLE);
      case "setuid" -> throw failure("it is setuid", TargetException.Reason.NOT_TRACEABLE);
      default -> {}
    }
    FakeSession session = new FakeSession(request, program);
    lastSession = session;
    return session;
  }

  private static TargetException failure(String obstacle, TargetException.Reason reason) {
    return new TargetException(new Explanation("start it", obstacle, "take another"), reason);
  }

  static final class FakeSession implements TraceSession {
    private static final int PAGES = 16;

    private final List<String> program;
    private final TraceSink sink;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Receipt receipt;
    private volatile State state = State.ATTACHED;
    private volatile ExitStatus status = new ExitStatus(0, 0);
    private volatile @Nullable RuntimeException failure;
    private final AtomicLong branches = new AtomicLong();
    private boolean closed;

    FakeSession(TraceRequest request, List<String> program) {
      this.program = program;
      sink = request.sink().orElseThrow();
      AccountOwner.AddressSpace mm = new AccountOwner.AddressSpace(99, 0);
      receipt =
          new Receipt(
              1,
              request.policy().map(p -> p.name()).orElse("tracer"),
              "branch buffer",
              PAGES,
              List.of(
                  new Charge(Account.totalVm(mm), PAGES), new Charge(Account.lockedVm(mm), PAGES)),
              "");
      sink.event(new SideEvent.Charged(0, 1, receipt));
      sink.event(new SideEvent.ProcessStarted(PID, 2, PID, 1, program.get(0)));
    }

    State state() {
      return state;
    }

    boolean isClosed() {
      return closed;
    }

    @Override
    public Mechanism mechanism() {
      return Mechanism.SINGLE_STEP;
    }

    @Override
    public int pid() {
      return PID;
    }

    @Override
    public void start() {
      state = State.TRACING;
      int number =
          program.size() > 1 && Character.isDigit(program.get(1).charAt(0))
              ? Integer.parseInt(program.get(1))
              : 0;
      switch (program.get(0)) {
        case "exit" -> end(2, new ExitStatus(number, 0));
        case "die" -> end(2, new ExitStatus(0, number));
        case "flood" -> end(number, new ExitStatus(0, 0));
        case "interrupted" -> {
          raise("INT");
          end(2, new ExitStatus(0, 0));
        }
        case "raise" -> raise(program.get(1));
        default -> {}
      }
    }

    /**
     * Sends a signal to this virtual machine and waits until it is with its handler. Without that a
     * handler could be taken back before, and the default one ends the tests.
     */
    static void raise(String name) {
      try {
        Class<?> type = Class.forName("sun.misc.Signal");
        Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
        Method handle = type.getMethod("handle", type, handlerType);
        Method raise = type.getMethod("raise", type);
        // One thread dispatches signals, those with lower numbers first.
        Object last = type.getConstructor(String.class).newInstance("WINCH");
        CountDownLatch dispatched = new CountDownLatch(1);
        Object counts =
            Proxy.newProxyInstance(
                FakeTracer.class.getClassLoader(),
                new Class<?>[] {handlerType},
                (proxy, method, arguments) -> {
                  dispatched.countDown();
                  return null;
                });
        Object before = handle.invoke(null, last, counts);
        raise.invoke(null, type.getConstructor(String.class).newInstance(name));
        raise.invoke(null, last);
        dispatched.await();
        handle.invoke(null, last, before);
      } catch (ReflectiveOperationException e) {
        throw new LinkageError(e.getMessage(), e);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    private void end(int count, ExitStatus how) {
      try {
        for (int i = 0; i < count; i++) {
          sink.branches(new ListCursor(List.of(BRANCH)));
          branches.incrementAndGet();
        }
        sink.event(new SideEvent.ProcessExited(PID, 9, PID, how.code(), how.signal()));
      } catch (RuntimeException e) {
        failure = e;
      }
      status = how;
      state = State.DETACHED;
      ended.countDown();
    }

    @Override
    public ExitStatus await() throws InterruptedException {
      ended.await();
      RuntimeException failed = failure;
      if (failed != null) {
        throw failed;
      }
      return status;
    }

    @Override
    public void detach() {
      state = State.DETACHED;
      ended.countDown();
    }

    @Override
    public void close() {
      detach();
      if (!closed) {
        closed = true;
        sink.event(new SideEvent.Refunded(0, 10, receipt));
      }
      RuntimeException failed = failure;
      if (failed != null) {
        throw failed; // As a backend may: what a sink threw comes out of detach, too.
      }
    }

    @Override
    public SessionStatus status() {
      return new SessionStatus(
          state,
          BtsConfig.of(PAGES * 4096L, ConfigFlag.TRACE),
          Fidelity.COMPLETE,
          branches.get(),
          0,
          1,
          0,
          0,
          PAGES);
    }

    @Override
    public List<Receipt> receipts() {
      return List.of(receipt);
    }

    @Override
    public void pause() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void configure(BtsConfig config) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long size() {
      return 0;
    }

    @Override
    public BranchRecord get(long index) {
      throw new IndexOutOfBoundsException();
    }

    @Override
    public void clear() {}

    @Override
    public long drain(TraceSink to) {
      return 0;
    }

    @Override
    public void onOverflow(OverflowListener listener) {}
  }
}
