package dev.bts.sim.rules;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The catalogue of real accounting bugs, each as a pair of rules that differ in one choice.
 *
 * <p>Subsystems are modelled by their accounting: who holds a buffer, who pays, what is remembered
 * for the refund, when it is refunded, and in how many steps. What a device or a ring does besides
 * is left out, and so is all that moves no counter; {@link CatalogueRow#skeleton} says where more
 * than that is missing.
 */
public final class Catalogue {
  private static final List<CatalogueRow> ROWS = collect();

  private Catalogue() {}

  private static List<CatalogueRow> collect() {
    List<CatalogueRow> rows = new ArrayList<>();
    rows.addAll(TraceRows.rows());
    rows.addAll(PerfRows.rows());
    rows.addAll(PinRows.rows());
    rows.addAll(SegmentRows.rows());
    rows.sort(Comparator.comparingInt(CatalogueRow::number));
    return List.copyOf(rows);
  }

  /** Returns all rows, by number. */
  public static List<CatalogueRow> rows() {
    return ROWS;
  }
}
