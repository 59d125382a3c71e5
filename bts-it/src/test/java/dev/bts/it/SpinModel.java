package dev.bts.it;

import dev.bts.sim.rules.Bounds;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The Promela model of bts with the policy {@code tracee}, checked by SPIN (Debian's package {@code
 * spin}) as it is meant to be: a verifier in C, safety only, exhaustive, in one thread. Partial
 * order reduction is left out, for one process has no orders.
 */
final class SpinModel {
  private static final String MODEL = "tracee-policy.pml";
  private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/bin");
  private static final String TIME = "(\\d+)m([0-9.]+)s";
  private static final int MOST_DEPTH = 10_000_000;
  private static final double BYTES_PER_MEGABYTE = 1 << 20;

  private final Path directory;
  private final int tableBits;

  /**
   * What SPIN has found.
   *
   * @param states the states it has stored, without the one before the machine is set up
   * @param steps the transitions between them
   * @param bytes memory of states and table
   * @param seconds how long it took
   * @param cpuSeconds how much of it on a CPU
   */
  record Result(long states, double steps, double bytes, double seconds, double cpuSeconds) {}

  private SpinModel(Path directory, int tableBits) {
    this.directory = directory;
    this.tableBits = tableBits;
  }

  /** Returns what is lacking on this system, if something is. */
  static Optional<String> lacking() {
    return List.of("/usr/bin/spin", "/usr/bin/gcc").stream()
        .filter(program -> !Files.isExecutable(Path.of(program)))
        .map(program -> "there is no " + program)
        .findFirst();
  }

  /**
   * Makes the verifier.
   *
   * @param directory where
   * @param optimisation the option of gcc; -O2 compiles for as long as a small machine takes
   * @param tableBits how large its table is, as a power of two
   */
  static SpinModel compile(Bounds bounds, Path directory, String optimisation, int tableBits)
      throws IOException {
    Bounds modelled = new Bounds(2, 1, 0, 1, 1, 1, bounds.limit(), 0, 1, bounds.processes(), 0);
    if (!bounds
        .withActors(2, 1)
        .withProcesses(bounds.processes())
        .withBuffers(1, 1)
        .equals(modelled)) {
      throw new IllegalArgumentException("the model has nothing of what is special in " + bounds);
    }
    try (InputStream model =
        Objects.requireNonNull(SpinModel.class.getResourceAsStream(MODEL), MODEL)) {
      Files.copy(model, directory.resolve(MODEL), StandardCopyOption.REPLACE_EXISTING);
    }
    run(
        directory,
        List.of(
            "spin",
            "-DTASKS=" + bounds.tasks(),
            "-DUSERS=" + bounds.users(),
            "-DBUFFERS=" + bounds.buffers(),
            "-DPAGES=" + bounds.pages(),
            "-DLIMIT=" + bounds.limit(),
            "-DPROCESSES=" + bounds.processes(),
            "-a",
            MODEL));
    run(directory, List.of("gcc", optimisation, "-DSAFETY", "-DNOREDUCE", "-o", "pan", "pan.c"));
    return new SpinModel(directory, tableBits);
  }

  private static CommandRun run(Path directory, List<String> command) throws IOException {
    CommandRun run = CommandRun.of(command, ENVIRONMENT, directory);
    if (run.status() != 0) {
      throw new IllegalStateException(command + ": " + run.output() + run.errors());
    }
    return run;
  }

  /** Looks at all states. */
  Result check() {
    // times: what the shell's children had of the CPU, on its second line.
    String command = "./pan -w" + tableBits + " -m" + MOST_DEPTH + " && times";
    long began = System.nanoTime();
    String output;
    try {
      output = run(directory, List.of("sh", "-c", command)).output();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    if (!output.contains("errors: 0\n") || output.contains("max search depth too small")) {
      throw new IllegalStateException("SPIN did not look at all states:\n" + output);
    }
    Matcher times = find(output, TIME + " " + TIME + "\n" + TIME + " " + TIME + "\n$");
    double cpuSeconds =
        60 * (number(times, 5) + number(times, 7)) + number(times, 6) + number(times, 8);
    // One state is that before the set-up, one transition leads to it and one from it.
    return new Result(
        (long) number(find(output, "([0-9.e+]+) states, stored"), 1) - 1,
        number(find(output, "([0-9.e+]+) transitions"), 1) - 2,
        BYTES_PER_MEGABYTE
            * (number(find(output, "([0-9.]+)\\s+actual memory usage for states"), 1)
                + number(find(output, "([0-9.]+)\\s+memory used for hash table"), 1)),
        seconds,
        cpuSeconds);
  }

  private static Matcher find(String output, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(output);
    if (!matcher.find()) {
      throw new IllegalStateException("no " + pattern + " in what SPIN wrote:\n" + output);
    }
    return matcher;
  }

  private static double number(Matcher matcher, int group) {
    return Double.parseDouble(matcher.group(group));
  }
}
