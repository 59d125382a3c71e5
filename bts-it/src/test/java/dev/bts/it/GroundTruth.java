package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.Mechanism;
import dev.bts.api.TraceRequest;
import dev.bts.api.record.TraceSink;
import dev.bts.kernel.testing.ReferenceStepper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the {@link ReferenceStepper} has seen of a command.
 *
 * @param run how it ended
 * @param branches the file with the branches, a line "from to" each, those of the vDSO left out
 * @param vdsoStart where the vDSO begins
 * @param vdsoEnd where it ends
 */
record GroundTruth(CommandRun run, Path branches, long vdsoStart, long vdsoEnd) {
  /** One variable: of two, the order on the new program's stack would depend on who starts it. */
  static final Map<String, String> ENVIRONMENT = Map.of("PYTHONHASHSEED", "0");

  /** Steps through a command. */
  static GroundTruth of(Path directory, List<String> command, String... options)
      throws IOException {
    Path branches = directory.resolve("truth");
    List<String> line = new ArrayList<>();
    line.add(ReferenceStepper.compile().toString());
    line.addAll(List.of("--pin", "--skip-vdso", "--output", branches.toString()));
    line.addAll(List.of(options));
    line.add("--");
    line.addAll(command);
    CommandRun run = CommandRun.of(line, ENVIRONMENT, directory);
    Matcher vdso = Pattern.compile("vdso=([0-9a-f]+)-([0-9a-f]+)").matcher(run.errors());
    assertThat(vdso.find()).as(run.errors()).isTrue();
    return new GroundTruth(
        run,
        branches,
        Long.parseUnsignedLong(vdso.group(1), 16),
        Long.parseUnsignedLong(vdso.group(2), 16));
  }

  /** Returns the request to trace a command just so. */
  static TraceRequest request(
      Path directory, List<String> command, Mechanism mechanism, TraceSink sink) {
    return TraceRequest.command(command)
        .environment(ENVIRONMENT)
        .directory(directory)
        .withoutRandomization()
        .mechanisms(mechanism)
        .sink(sink)
        .build();
  }

  /** Returns whether a line "from to" has nothing to do with the vDSO. */
  boolean isOutsideVdso(String branch) {
    int blank = branch.indexOf(' ');
    return !isInVdso(Long.parseUnsignedLong(branch.substring(0, blank), 16))
        && !isInVdso(Long.parseUnsignedLong(branch.substring(blank + 1), 16));
  }

  /** Returns whether an address is in the vDSO. */
  boolean isInVdso(long address) {
    return Long.compareUnsigned(address, vdsoStart) >= 0
        && Long.compareUnsigned(address, vdsoEnd) < 0;
  }
}
