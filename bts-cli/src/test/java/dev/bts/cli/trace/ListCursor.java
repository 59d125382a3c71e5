package dev.bts.cli.trace;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.BranchRecord;
import java.util.List;

/** A cursor over records in a list. */
public final class ListCursor implements BranchCursor {
  private final List<BranchRecord> records;
  private int at = -1;

  /** Creates one that stands before the first record. */
  public ListCursor(List<BranchRecord> records) {
    this.records = records;
  }

  @Override
  public boolean next() {
    return ++at < records.size();
  }

  @Override
  public long from() {
    return records.get(at).from();
  }

  @Override
  public long to() {
    return records.get(at).to();
  }

  @Override
  public int flags() {
    return records.get(at).flags();
  }

  @Override
  public int tid() {
    return records.get(at).tid();
  }
}
