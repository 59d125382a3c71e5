package dev.bts.cli.export;

import dev.bts.api.Explanation;
import dev.bts.api.Fidelity;
import dev.bts.api.InvalidRequestException;
import dev.bts.cli.perfdata.BranchStackExport;
import dev.bts.cli.perfdata.BtsDataExport;
import dev.bts.cli.trace.TraceHeader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The forms in which a trace can be exported. */
public enum ExportFormat {
  /** See {@link BtsDataExport} and {@link BranchStackExport}. */
  PERF_DATA(
      "perf-data",
      "for perf script, report and annotate (with --itrace=b if the trace is complete)");

  private final String label;
  private final String purpose;

  ExportFormat(String label, String purpose) {
    this.label = label;
    this.purpose = purpose;
  }

  /** Returns the name on the command line. */
  public String label() {
    return label;
  }

  /** Returns what the form is good for. */
  public String purpose() {
    return purpose;
  }

  /**
   * Opens a file for an export; what it held is lost.
   *
   * @throws IOException if it cannot be written
   */
  public TraceExport create(Path path, TraceHeader header, ExportOptions options)
      throws IOException {
    return switch (this) {
      case PERF_DATA ->
          options.stacks() || header.fidelity() == Fidelity.SAMPLED
              ? BranchStackExport.create(path, header)
              : BtsDataExport.create(path, header);
    };
  }

  /**
   * Returns the format with this name.
   *
   * @throws InvalidRequestException if there is none
   */
  public static ExportFormat ofLabel(String label) {
    return Arrays.stream(values())
        .filter(format -> format.label.equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidRequestException(
                    new Explanation(
                        "export in the format '" + label + "'",
                        "no such format is known",
                        "choose one of "
                            + Arrays.stream(values())
                                .map(ExportFormat::label)
                                .collect(Collectors.joining(", ")))));
  }
}
