package dev.bts.cli.report;

import dev.bts.api.record.SideEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What stands in a trace about how it was made: which threads were seen in another way than was
 * asked for, and why branches were lost. Not for use by several threads at a time.
 */
public final class Remarks {
  /** Different texts that are kept; the others are counted only. */
  private static final int TEXTS_MAX = 1000;

  private final Map<String, Long> lost = new LinkedHashMap<>();
  private long others;

  /** Creates an empty one. */
  public Remarks() {}

  /** Takes in an event, if it is a remark. */
  public void add(SideEvent event) {
    if (event instanceof SideEvent.Lost remark) {
      if (lost.size() == TEXTS_MAX && !lost.containsKey(remark.reason())) {
        others++;
      } else {
        lost.merge(remark.reason(), remark.count(), Long::sum);
      }
    }
  }

  /**
   * Returns the remarks, each text once, in the order in which they were met.
   *
   * @param most how many to return at most; behind these stands how many there are besides
   */
  public List<String> list(int most) {
    List<String> texts = new ArrayList<>();
    lost.forEach(
        (reason, count) -> {
          if (texts.size() < most) {
            texts.add(count == 0 ? reason : count + " branches lost: " + reason);
          }
        });
    long more = lost.size() - texts.size() + others;
    if (more > 0) {
      texts.add("and " + more + " more of that kind");
    }
    return texts;
  }
}
