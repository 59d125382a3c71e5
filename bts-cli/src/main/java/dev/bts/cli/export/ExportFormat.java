package dev.bts.cli.export;

import dev.bts.api.Fidelity;
import dev.bts.cli.perfdata.BranchStackExport;
import dev.bts.cli.perfdata.BrstackExport;
import dev.bts.cli.perfdata.BtsDataExport;
import dev.bts.cli.trace.TraceHeader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** The forms in which a trace can be exported. */
public enum ExportFormat {
  /** See {@link BtsDataExport} and {@link BranchStackExport}. */
  PERF_DATA("perf-data"),
  /** See {@link BrstackExport}. */
  BRSTACK("brstack"),
  /** See {@link BoltExport}. */
  BOLT("bolt"),
  /** See {@link FdataExport}. */
  FDATA("fdata"),
  /** See {@link DrcovExport}. */
  DRCOV("drcov"),
  /** See {@link CallgrindExport}. */
  CALLGRIND("callgrind"),
  /** See {@link CsvExport}. */
  CSV("csv"),
  /** See {@link ParquetExport}. */
  PARQUET("parquet"),
  /** See {@link PerfettoExport}. */
  PERFETTO("perfetto");

  private final String label;

  ExportFormat(String label) {
    this.label = label;
  }

  /** Returns the name on the command line. */
  public String label() {
    return label;
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
      case BRSTACK -> new BrstackExport(path, header);
      case BOLT -> new BoltExport(path, header, options);
      case FDATA -> new FdataExport(path, header, options);
      case DRCOV -> new DrcovExport(path);
      case CALLGRIND -> new CallgrindExport(path, header);
      case CSV -> new CsvExport(path);
      case PARQUET -> new ParquetExport(path, header);
      case PERFETTO -> new PerfettoExport(path);
    };
  }

  /** Returns the format with this name, if there is one. */
  public static Optional<ExportFormat> ofLabel(String label) {
    return Arrays.stream(values()).filter(format -> format.label.equals(label)).findFirst();
  }
}
