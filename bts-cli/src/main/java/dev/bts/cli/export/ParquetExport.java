package dev.bts.cli.export;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.Bts24;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.counts.PairTable;
import dev.bts.cli.symbols.AddressSpaces;
import dev.bts.cli.symbols.Location;
import dev.bts.cli.symbols.Symbolizer;
import dev.bts.cli.trace.TraceHeader;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The branches as a table in a Parquet file, for DuckDB, Spark and whatever else reads columns: the
 * columns of {@link CsvExport}, and {@code branch}, its number in the trace.
 */
final class ParquetExport implements TraceExport {
  private static final int ROWS_PER_GROUP = 1 << 18;

  private final ParquetColumn branch = column("branch", ParquetColumn.Kind.UNSIGNED_LONG);
  private final ParquetColumn pid = column("pid", ParquetColumn.Kind.INT);
  private final ParquetColumn tid = column("tid", ParquetColumn.Kind.INT);
  private final ParquetColumn from = column("from", ParquetColumn.Kind.UNSIGNED_LONG);
  private final ParquetColumn to = column("to", ParquetColumn.Kind.UNSIGNED_LONG);
  private final ParquetColumn predicted = column("predicted", ParquetColumn.Kind.BOOLEAN);
  private final End source = new End("from");
  private final End target = new End("to");
  private final List<ParquetColumn> columns =
      List.of(
          branch,
          pid,
          tid,
          from,
          to,
          predicted,
          source.module,
          source.function,
          source.offset,
          target.module,
          target.function,
          target.offset);

  private final AddressSpaces spaces = new AddressSpaces();
  private final Symbolizer symbolizer = new Symbolizer(spaces);
  private final ParquetFile file;
  private final String createdBy;
  private long branches;

  ParquetExport(Path path, TraceHeader header) throws IOException {
    file = new ParquetFile(new BufferedOutputStream(Files.newOutputStream(path)), columns);
    createdBy = header.writer();
  }

  /** The columns about one end of a branch, and what is known of addresses in this row group. */
  private static final class End {
    private final ParquetColumn module;
    private final ParquetColumn function;
    private final ParquetColumn offset;
    private final PairTable known = new PairTable();
    private final List<Words> words = new ArrayList<>();

    private record Words(int module, int function, long offset) {}

    private End(String name) {
      module = column(name + "_module", ParquetColumn.Kind.TEXT);
      function = column(name + "_function", ParquetColumn.Kind.TEXT);
      offset = column(name + "_offset", ParquetColumn.Kind.UNSIGNED_LONG);
    }

    private void add(int process, long address, Symbolizer symbolizer) {
      int number = (int) known.get(process, address);
      if (number == 0) {
        Location location = symbolizer.locate(process, address);
        words.add(
            new Words(
                module.number(location.module()),
                function.number(location.function()),
                location.offset()));
        number = words.size();
        known.add(process, address, number, 0);
      }
      Words of = words.get(number - 1);
      module.add(of.module);
      function.add(of.function);
      offset.add(of.offset);
    }

    private void clear() {
      known.clear();
      words.clear();
    }
  }

  @Override
  public void branches(BranchCursor cursor) {
    while (cursor.next()) {
      int process = spaces.pid(cursor.tid());
      branch.add(branches++);
      pid.add(process);
      tid.add(cursor.tid());
      from.add(cursor.from());
      to.add(cursor.to());
      predicted.add((cursor.flags() & Bts24.FLAG_PREDICTED) == 0 ? 0 : 1);
      source.add(process, cursor.from(), symbolizer);
      target.add(process, cursor.to(), symbolizer);
      if (branch.rows() == ROWS_PER_GROUP) {
        writeRowGroup();
      }
    }
  }

  @Override
  public void event(SideEvent event) {
    spaces.apply(event);
    if (event instanceof SideEvent.Exec || event instanceof SideEvent.Mapped) {
      source.clear();
      target.clear();
    }
  }

  @Override
  public void finish() {
    if (branch.rows() > 0) {
      writeRowGroup();
    }
    try {
      file.finish(createdBy);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private void writeRowGroup() {
    try {
      file.writeRowGroup(columns);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    source.clear();
    target.clear();
  }

  private static ParquetColumn column(String name, ParquetColumn.Kind kind) {
    return new ParquetColumn(name, kind, ROWS_PER_GROUP);
  }
}
