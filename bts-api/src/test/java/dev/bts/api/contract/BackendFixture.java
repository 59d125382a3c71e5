package dev.bts.api.contract;

import dev.bts.api.BranchTracer;
import dev.bts.api.ExitStatus;
import dev.bts.api.Mechanism;
import dev.bts.api.TraceRequest;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.ChargingPolicy;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the contract kit must know of a backend. One fixture serves one test.
 *
 * <p>Builders come with target and mechanism set; the kit sets buffer, policy, sink and the rest.
 */
public interface BackendFixture extends AutoCloseable {
  /** The fewest branches of {@link #shortProgram}: several one-page buffers full. */
  long LEAST_BRANCHES = 1000;

  /** Returns the backend under test. */
  BranchTracer tracer();

  /**
   * Returns a request for a single-threaded program that takes at least {@link #LEAST_BRANCHES}
   * branches and ends by itself. Every run takes the same branches at the same addresses. Small: it
   * is run some thirty times.
   */
  TraceRequest.Builder shortProgram();

  /** Returns how the short program ends. */
  ExitStatus shortProgramStatus();

  /** Returns a request for a single-threaded program that branches until it is killed. */
  TraceRequest.Builder endlessProgram();

  /**
   * Kills a program that a test has let go, and waits until it is gone. Does nothing if it is gone
   * already.
   */
  void kill(int pid);

  /** Returns whether the process exists and runs or could run. */
  boolean isAlive(int pid);

  /** Returns the policies that the backend can really charge here. */
  List<ChargingPolicy> policies();

  /**
   * Returns the pages on an account now, from where the kernel (or the model) keeps them; empty if
   * they cannot be read exactly, as with the total_vm of a busy JVM.
   */
  OptionalLong counterPages(Account account);

  /** Returns a mechanism that this backend does not have here. */
  Mechanism unsupportedMechanism();

  /** Returns a request for a program with at least two threads that branch, and an end. */
  default Optional<TraceRequest.Builder> threadedProgram() {
    return Optional.empty();
  }

  /** Returns a request for a program that forks a child, which branches and ends before it. */
  default Optional<TraceRequest.Builder> forkingProgram() {
    return Optional.empty();
  }

  /** Starts an endless program that nobody traces, and returns a request that attaches to it. */
  default Optional<TraceRequest.Builder> runningProgram() {
    return Optional.empty();
  }

  /**
   * Returns a buffer size that the kernel refuses to charge by this policy under {@link
   * TraceRequest.Builder#strict}; empty if it would charge any size.
   */
  default OptionalLong unaffordableBytes(ChargingPolicy policy) {
    return OptionalLong.empty();
  }

  /** Ends what the fixture has started. */
  @Override
  void close();
}
