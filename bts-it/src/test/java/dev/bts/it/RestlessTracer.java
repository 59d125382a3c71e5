package dev.bts.it;

import dev.bts.accounting.Policies;
import dev.bts.api.BranchTracer;
import dev.bts.api.BranchTracers;
import dev.bts.api.BufferSpec;
import dev.bts.api.Mechanism;
import dev.bts.api.Overflow;
import dev.bts.api.SessionStateException;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * A tracer that never rests, to be killed: it attaches to a process, resizes the buffer, drains,
 * pauses and detaches, again and again, or does so once with a command. Before every step it prints
 * what it does next.
 */
final class RestlessTracer {
  /** What it does, as printed in lower case. */
  enum Step {
    LAUNCH,
    ATTACH,
    START,
    RESIZE,
    DRAIN,
    PAUSE,
    DETACH;

    String line() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final long FEW_PAGES = 2L * BufferSpec.PAGE_BYTES;
  private static final long MANY_PAGES = 64L * BufferSpec.PAGE_BYTES;

  private final BranchTracer tracer = BranchTracers.named("kernel");

  private final Mechanism mechanism;
  private final String policy;

  private RestlessTracer(Mechanism mechanism, String policy) {
    this.mechanism = mechanism;
    this.policy = policy;
  }

  /** Takes a mechanism, a policy, and a pid or the path of a program with its arguments. */
  public static void main(String[] arguments) {
    RestlessTracer restless = new RestlessTracer(Mechanism.ofLabel(arguments[0]), arguments[1]);
    String target = arguments[2];
    boolean running = target.chars().allMatch(Character::isDigit);
    if (running) {
      while (true) {
        restless.trace(TraceRequest.process(Integer.parseInt(target)), Step.ATTACH);
      }
    }
    String[] command = Arrays.copyOfRange(arguments, 2, arguments.length);
    TraceRequest.Builder launched =
        TraceRequest.command(command).directory(Path.of("").toAbsolutePath());
    restless.trace(launched, Step.LAUNCH);
  }

  private void trace(TraceRequest.Builder target, Step first) {
    TraceRequest request =
        target
            .mechanisms(mechanism)
            .buffer(FEW_PAGES, Overflow.DRAIN)
            .policy(Policies.named(policy))
            .sink(new Nowhere())
            .build();
    say(first);
    try (TraceSession session = tracer.open(request)) {
      say(Step.START);
      session.start();
      for (int round = 0; round < 2; round++) {
        say(Step.RESIZE);
        session.resize(round % 2 == 0 ? MANY_PAGES : FEW_PAGES);
        say(Step.DRAIN);
        session.drain(new Nowhere());
        say(Step.PAUSE);
        session.pause();
        session.start();
      }
      say(Step.DETACH);
      session.detach();
    } catch (SessionStateException ended) {
      // A command may come to its end at any moment; a process that was attached to does not.
      if (first != Step.LAUNCH) {
        throw ended;
      }
    }
  }

  private static void say(Step step) {
    System.out.println(step.line());
  }

  private static final class Nowhere implements TraceSink {
    @Override
    public void branches(BranchCursor cursor) {
      while (cursor.next()) {
        // Read, as a sink must.
      }
    }

    @Override
    public void event(SideEvent event) {
      // Nobody looks at what is recorded.
    }
  }
}
