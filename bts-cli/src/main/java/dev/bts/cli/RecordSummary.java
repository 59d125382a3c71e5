package dev.bts.cli;

import dev.bts.api.Mechanism;
import dev.bts.api.SessionStatus;
import dev.bts.api.charging.Receipt;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The one line that a recording ends with. */
final class RecordSummary {
  private final StringBuilder line = new StringBuilder("bts: ");

  /** What one payer pays for. */
  private static final class Pages {
    private long buffers;
    private long translatedCode;

    void add(Receipt receipt) {
      if (receipt.isForTranslatedCode()) {
        translatedCode += receipt.pages();
      } else {
        buffers += receipt.pages();
      }
    }

    @Override
    public String toString() {
      List<String> parts = new ArrayList<>();
      if (buffers > 0) {
        parts.add(Plain.count(buffers, "page", "pages"));
      }
      if (translatedCode > 0) {
        parts.add(Plain.count(translatedCode, "page", "pages") + " of translated code");
      }
      return String.join(" and ", parts) + " ";
    }
  }

  RecordSummary(Mechanism mechanism, SessionStatus status) {
    line.append(mechanism.label())
        .append(", ")
        .append(status.fidelity().label())
        .append(": ")
        .append(Plain.count(status.branches(), "branch", "branches"))
        .append(", ")
        .append(Plain.count(status.threads(), "thread", "threads"))
        .append(", ")
        .append(status.lost())
        .append(" lost; ");
    long bufferBytes = status.config().sizeBytes();
    line.append(bufferBytes == 0 ? "no buffer" : Plain.size(bufferBytes) + " buffer");
  }

  /** Says who paid; {@code sink} knows what was refunded. */
  RecordSummary payers(List<Receipt> receipts, RecordingSink sink) {
    Map<String, Pages> pagesByPayer = new LinkedHashMap<>();
    long pagesKept = 0;
    for (Receipt receipt : receipts) {
      String verb = sink.isAdopted(receipt.id()) ? "adopted from " : "charged to ";
      pagesByPayer.computeIfAbsent(verb + payer(receipt), none -> new Pages()).add(receipt);
      pagesKept += sink.isRefunded(receipt.id()) ? 0 : receipt.pages();
    }
    if (pagesByPayer.isEmpty()) {
      line.append(", nothing charged");
    }
    pagesByPayer.forEach((payer, pages) -> line.append(", ").append(pages).append(payer));
    if (!pagesByPayer.isEmpty()) {
      line.append(
          pagesKept == 0
              ? ", refunded"
              : ", " + Plain.count(pagesKept, "page", "pages") + " NOT refunded");
    }
    if (sink.drifts() > 0) {
      line.append(", ")
          .append(Plain.count(sink.drifts(), "disagreement", "disagreements"))
          .append(" of ledger and kernel");
    }
    return this;
  }

  /** Says where the trace is. */
  RecordSummary file(long bytes, @Nullable Path file) {
    if (file != null) {
      line.append("; ").append(file).append(' ').append(Plain.size(bytes));
    }
    return this;
  }

  /** Says that the target runs on. */
  RecordSummary detached(int pid, int signal) {
    line.append("; let go of ").append(pid).append(" on signal ").append(signal);
    return this;
  }

  @Override
  public String toString() {
    return Plain.text(line.toString());
  }

  private static String payer(Receipt receipt) {
    StringBuilder payer = new StringBuilder(receipt.policy());
    if (!receipt.charges().isEmpty()) {
      payer.append(" (").append(receipt.charges().get(0).account().owner()).append(')');
    }
    if (!receipt.liftedBy().isEmpty()) {
      payer.append(" by ").append(receipt.liftedBy());
    }
    return payer.toString();
  }
}
