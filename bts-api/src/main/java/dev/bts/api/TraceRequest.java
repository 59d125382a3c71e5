package dev.bts.api;

import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.record.TraceSink;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is to be traced, how, into which buffer, and who pays. Immutable; validated when built.
 *
 * <pre>{@code
 * TraceRequest request =
 *     TraceRequest.command("ls", "-l").policy(policy).sink(sink).build();
 * }</pre>
 */
public final class TraceRequest {
  private final Target target;
  private final List<Mechanism> mechanisms;
  private final BufferSpec buffer;
  private final @Nullable ChargingPolicy policy;
  private final @Nullable TraceSink sink;
  private final boolean followChildren;
  private final boolean recordScheduling;
  private final boolean chargeOther;
  private final boolean strict;
  private final boolean killOnExit;
  private final OnRefusal onRefusal;

  private TraceRequest(Builder builder) {
    target = builder.target;
    mechanisms = builder.mechanisms;
    buffer = builder.buffer;
    policy = builder.policy;
    sink = builder.sink;
    followChildren = builder.followChildren;
    recordScheduling = builder.recordScheduling;
    chargeOther = builder.chargeOther;
    strict = builder.strict;
    killOnExit = builder.killOnExit;
    onRefusal = builder.onRefusal;
  }

  /** Returns a builder for a request that starts and traces a command. */
  public static Builder command(String... arguments) {
    return command(List.of(arguments));
  }

  /** Returns a builder for a request that starts and traces a command. */
  public static Builder command(List<String> arguments) {
    return new Builder(new Target.Command(arguments, null, null, true));
  }

  /** Returns a builder for a request that attaches to a running process. */
  public static Builder process(int pid) {
    return new Builder(new Target.Running(pid));
  }

  /** Returns what is traced. */
  public Target target() {
    return target;
  }

  /** Returns the acceptable mechanisms, best first; empty: the best that the probe proves. */
  public List<Mechanism> mechanisms() {
    return mechanisms;
  }

  /** Returns the buffer asked for. */
  public BufferSpec buffer() {
    return buffer;
  }

  /** Returns who chooses the payer; empty: the tracer pays. */
  public Optional<ChargingPolicy> policy() {
    return Optional.ofNullable(policy);
  }

  /** Returns the receiver of the trace. */
  public Optional<TraceSink> sink() {
    return Optional.ofNullable(sink);
  }

  /** Returns whether forked children are traced too. Threads always are. */
  public boolean followChildren() {
    return followChildren;
  }

  /** Returns whether scheduling is recorded as side events (PTRACE_BTS_O_SCHED). */
  public boolean recordScheduling() {
    return recordScheduling;
  }

  /** Returns whether the requester insists on charging another principal's process. */
  public boolean chargeOther() {
    return chargeOther;
  }

  /** Returns whether charges are made without CAP_IPC_LOCK, so that the kernel refuses root too. */
  public boolean strict() {
    return strict;
  }

  /** Returns whether the tracees are killed when the tracer dies. */
  public boolean killOnExit() {
    return killOnExit;
  }

  /** Returns what happens when a payer refuses in mid-session. */
  public OnRefusal onRefusal() {
    return onRefusal;
  }

  /** Collects a request. Not safe for several threads. */
  public static final class Builder {
    private Target target;
    private List<Mechanism> mechanisms = List.of();
    private BufferSpec buffer = new BufferSpec(BufferSpec.AUTO, Overflow.DRAIN);
    private @Nullable ChargingPolicy policy;
    private @Nullable TraceSink sink;
    private boolean followChildren = true;
    private boolean recordScheduling;
    private boolean chargeOther;
    private boolean strict;
    private boolean killOnExit;
    private OnRefusal onRefusal = OnRefusal.SHARE;

    private Builder(Target target) {
      this.target = target;
    }

    private Target.Command commandTarget(String asked) {
      if (target instanceof Target.Command command) {
        return command;
      }
      throw new InvalidRequestException(
          new Explanation(
              asked, "the target is a running process", "only a command can be started with it"));
    }

    /** Sets the whole environment of the command. */
    public Builder environment(Map<String, String> environment) {
      Target.Command c = commandTarget("set the environment");
      target = new Target.Command(c.arguments(), environment, c.directory(), c.randomized());
      return this;
    }

    /** Sets the working directory of the command. */
    public Builder directory(Path directory) {
      Target.Command c = commandTarget("set the working directory");
      target = new Target.Command(c.arguments(), c.environment(), directory, c.randomized());
      return this;
    }

    /** Starts the command without address space randomisation, so that runs are comparable. */
    public Builder withoutRandomization() {
      Target.Command c = commandTarget("switch address space randomisation off");
      target = new Target.Command(c.arguments(), c.environment(), c.directory(), false);
      return this;
    }

    /** Sets the acceptable mechanisms, best first. */
    public Builder mechanisms(Mechanism... best) {
      mechanisms = List.of(best);
      return this;
    }

    /** Sets size in bytes and overflow behaviour of the buffer. */
    public Builder buffer(long sizeBytes, Overflow overflow) {
      buffer = new BufferSpec(sizeBytes, overflow);
      return this;
    }

    /** Sets who chooses the payer. */
    public Builder policy(ChargingPolicy chosen) {
      policy = Objects.requireNonNull(chosen);
      return this;
    }

    /** Sets the receiver of the trace. */
    public Builder sink(TraceSink receiver) {
      sink = Objects.requireNonNull(receiver);
      return this;
    }

    /** Sets whether forked children are traced too (default: yes). */
    public Builder followChildren(boolean follow) {
      followChildren = follow;
      return this;
    }

    /** Sets whether scheduling is recorded (default: no). */
    public Builder recordScheduling(boolean scheduling) {
      recordScheduling = scheduling;
      return this;
    }

    /** Consents to charging another principal's process (default: refused). */
    public Builder chargeOther(boolean consent) {
      chargeOther = consent;
      return this;
    }

    /** Makes charges without CAP_IPC_LOCK (default: with what the tracer has). */
    public Builder strict(boolean on) {
      strict = on;
      return this;
    }

    /** Kills the tracees when the tracer dies (default: they run on). */
    public Builder killOnExit(boolean kill) {
      killOnExit = kill;
      return this;
    }

    /** Sets what happens when a payer refuses in mid-session. */
    public Builder onRefusal(OnRefusal behaviour) {
      onRefusal = Objects.requireNonNull(behaviour);
      return this;
    }

    /**
     * Returns the request.
     *
     * @throws InvalidRequestException if its parts contradict each other
     */
    public TraceRequest build() {
      if (buffer.overflow() == Overflow.DRAIN && sink == null && buffer.sizeBytes() != 0) {
        throw new InvalidRequestException(
            new Explanation(
                "drain the buffer when it is full",
                "the request has no sink to drain to",
                "set a sink, or choose Overflow.WRAP or Overflow.STOP"));
      }
      return new TraceRequest(this);
    }
  }
}
