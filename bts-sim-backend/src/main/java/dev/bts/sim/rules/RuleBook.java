package dev.bts.sim.rules;

import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All rules by name: kernel generations, and the pairs of the catalogue. */
public final class RuleBook {
  private static final Map<String, Entry> ENTRIES = collect();

  private RuleBook() {}

  /**
   * Rules with the machine they are looked at on unless said otherwise.
   *
   * @param rules the rules
   * @param bounds the machine
   */
  public record Entry(Rules rules, Bounds bounds) {}

  private static Map<String, Entry> collect() {
    Map<String, Entry> entries = new LinkedHashMap<>();
    Generations.all().forEach(entry -> entries.put(entry.rules().name(), entry));
    for (CatalogueRow row : Catalogue.rows()) {
      entries.put(row.buggy().name(), new Entry(row.buggy(), row.bounds()));
      entries.put(row.fixed().name(), new Entry(row.fixed(), row.bounds()));
    }
    return entries;
  }

  /** Returns all names. */
  public static List<String> names() {
    return new ArrayList<>(ENTRIES.keySet());
  }

  /**
   * Returns the rules of a name.
   *
   * @throws InvalidRequestException if there are none; the message lists those there are
   */
  public static Entry named(String name) {
    Entry entry = ENTRIES.get(name);
    if (entry == null) {
      throw new InvalidRequestException(
          new Explanation(
              "rules '" + name + "'",
              "there are no such rules",
              "choose row-1 to row-"
                  + Catalogue.rows().size()
                  + ", row-1-fixed and so on, or one of "
                  + Generations.all().stream().map(each -> each.rules().name()).toList()));
    }
    return entry;
  }
}
