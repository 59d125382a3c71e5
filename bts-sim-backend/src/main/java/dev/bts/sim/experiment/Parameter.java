package dev.bts.sim.experiment;

import dev.bts.sim.kernel.ResourceLimits;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What an experiment can vary: one number of the machine, of its users, or of what they do. */
public enum Parameter {
  /** RLIMIT_MEMLOCK of all processes. */
  MEMLOCK("memlock", Kind.BYTES, 8L << 20, "RLIMIT_MEMLOCK of all processes"),
  /** The memory limit of each user's control group. */
  GROUP("group", Kind.BYTES, Parameter.UNLIMITED, "memory limit of each user's control group"),
  /** How many users there are. */
  USERS("users", Kind.COUNT, 1, "users"),
  /** How many tracers each user runs. */
  TRACERS("tracers", Kind.COUNT, 1, "tracers of each user"),
  /** How many programs each tracer traces. */
  PROGRAMS("programs", Kind.COUNT, 1, "programs of each tracer"),
  /** How many threads each program has. */
  THREADS("threads", Kind.COUNT, 1, "threads of each program"),
  /** The size of one buffer. */
  BUFFER("buffer", Kind.BYTES, 64L << 10, "size of a buffer"),
  /** Whether a buffer serves a program, as bts has it, or a thread, as Debug Store hardware has. */
  BUFFERS("buffers", Kind.CHOICE, "program|thread", "what has a buffer of its own"),
  /** Whether tracers trace programs, or one another in a ring. */
  TRACED("traced", Kind.CHOICE, "programs|tracers", "who is traced"),
  /** What each program wants to lock for itself once it is traced. */
  OWN("own", Kind.BYTES, 0, "memory that each program locks for itself"),
  /** How often each tracer acts on each program. */
  ROUNDS("rounds", Kind.COUNT, 1, "rounds in which each tracer acts on each program"),
  /** How likely a tracer dies in a round. */
  CRASH("crash", Kind.PERCENT, 0, "probability that a tracer is killed in a round"),
  /** How likely a program ends in a round. */
  EXIT("exit", Kind.PERCENT, 0, "probability that a program ends in a round"),
  /** Whether the users are ordinary ones, or all of them root without CAP_IPC_LOCK. */
  UID("uid", Kind.CHOICE, "ordinary|root", "user id of the users; root has no CAP_IPC_LOCK"),
  /** Whether each user is in the first user namespace or in one of its own. */
  NAMESPACE("namespace", Kind.CHOICE, "host|own", "user namespace of each user"),
  /** How much of perf's gift the root user outside has mapped. */
  HOST_PERF("host-perf", Kind.BYTES, 0, "perf buffers that root of the host has mapped");

  /** No limit. */
  public static final long UNLIMITED = ResourceLimits.INFINITE;

  /** The first of the values of a parameter with named values. */
  public static final long FIRST = 0;

  /** What its values are. */
  public enum Kind {
    /** Bytes, or {@link #UNLIMITED}. */
    BYTES,
    /** A number of things, at least one. */
    COUNT,
    /** From 0 to 100. */
    PERCENT,
    /** One of several names, known by its place among them. */
    CHOICE
  }

  /** More than a machine of the model can be expected to hold. */
  private static final long MOST = 4096;

  private static final int PERCENT_MOST = 100;

  private final String key;
  private final Kind kind;
  private final long usual;
  private final String description;

  /** The names of its values, with bars between them. */
  private final String choices;

  Parameter(String key, Kind kind, long usual, String description) {
    this.key = key;
    this.kind = kind;
    this.usual = usual;
    this.description = description;
    choices = "";
  }

  Parameter(String key, Kind kind, String choices, String description) {
    this.key = key;
    this.kind = kind;
    this.usual = FIRST;
    this.description = description;
    this.choices = choices;
  }

  /** Returns the parameter of this name. */
  public static Optional<Parameter> ofKey(String key) {
    return Arrays.stream(values()).filter(each -> each.key.equals(key)).findFirst();
  }

  /** Returns its name in an experiment. */
  public String key() {
    return key;
  }

  /** Returns what its values are. */
  public Kind kind() {
    return kind;
  }

  /** Returns the value that it has if an experiment does not name it. */
  public long usual() {
    return usual;
  }

  /** Returns what it is, in words. */
  public String description() {
    return description;
  }

  /** Returns the names of its values, none unless it is a {@link Kind#CHOICE}. */
  public List<String> choices() {
    return choices.isEmpty() ? List.of() : List.of(choices.split("\\|", -1));
  }

  /** Returns whether it can have this value. */
  public boolean allows(long value) {
    return switch (kind) {
      case BYTES -> value >= 0;
      case COUNT -> value >= 1 && value <= MOST;
      case PERCENT -> value >= 0 && value <= PERCENT_MOST;
      case CHOICE -> value >= 0 && value < choices().size();
    };
  }

  /** Returns a value as an experiment writes it. */
  public String text(long value) {
    return switch (kind) {
      case COUNT -> Long.toString(value);
      case PERCENT -> value + "%";
      case CHOICE -> choices().get((int) value);
      case BYTES -> bytes(value);
    };
  }

  private static String bytes(long value) {
    if (value == UNLIMITED) {
      return "unlimited";
    }
    String units = "KMG";
    for (int i = units.length(); i > 0; i--) {
      int shift = 10 * i;
      if (value != 0 && value % (1L << shift) == 0) {
        return (value >> shift) + units.substring(i - 1, i);
      }
    }
    return Long.toString(value);
  }
}
