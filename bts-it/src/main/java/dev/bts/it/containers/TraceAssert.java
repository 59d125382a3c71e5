package dev.bts.it.containers;

import dev.bts.api.Fidelity;
import dev.bts.api.charging.Receipt;
import dev.bts.cli.report.Payment;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.AbstractAssert;

/**
 * Assertions about a trace: whether all of it is there, who paid for it, how much, and got it back.
 */
public final class TraceAssert extends AbstractAssert<TraceAssert, Trace> {
  private TraceAssert(Trace actual) {
    super(actual, TraceAssert.class);
  }

  /** Begins assertions about a trace. */
  public static TraceAssert assertThat(Trace actual) {
    return new TraceAssert(actual);
  }

  /**
   * Asserts that every taken branch is in the trace: it was recorded to its end by a mechanism that
   * sees all, nothing was lost and the file is intact.
   */
  public TraceAssert complete() {
    isNotNull();
    if (!actual.fidelity().equals(Optional.of(Fidelity.COMPLETE))) {
      failWithMessage(
          "Expected a complete trace, and %s",
          actual
              .fidelity()
              .map(fidelity -> "its fidelity is " + fidelity.label())
              .orElse("its recording was cut short"));
    }
    if (actual.lost() > 0) {
      failWithMessage("Expected a complete trace, and %s records are lost", actual.lost());
    }
    if (!actual.damage().isEmpty()) {
      failWithMessage("Expected a complete trace, and it is damaged: %s", actual.damage());
    }
    return this;
  }

  /** Asserts that something was charged, and all of it to one payer. */
  public TraceAssert chargedTo(Payer payer) {
    isNotNull();
    List<Payment> others =
        actual.payments().stream()
            .filter(payment -> !payer.paid(payment.receipt(), actual))
            .toList();
    if (!others.isEmpty() || actual.payments().isEmpty()) {
      failWithMessage(
          "Expected %s to have paid, and the receipts are%s", payer, listed(actual.payments()));
    }
    return this;
  }

  /**
   * Asserts how many pages were charged for branch buffers, all receipts together. What translated
   * code takes depends on how much of it the program runs, and is not among them.
   */
  public TraceAssert pages(long expected) {
    isNotNull();
    long pages =
        actual.payments().stream()
            .map(Payment::receipt)
            .filter(receipt -> !receipt.isForTranslatedCode())
            .mapToLong(Receipt::pages)
            .sum();
    if (pages != expected) {
      failWithMessage(
          "Expected %s pages to be charged, and %s were:%s",
          expected, pages, listed(actual.payments()));
    }
    return this;
  }

  /**
   * Asserts that everything that was charged was refunded, and that ledger and kernel agreed all
   * the time.
   */
  public TraceAssert refunded() {
    isNotNull();
    List<Payment> kept = actual.payments().stream().filter(payment -> !payment.refunded()).toList();
    if (!kept.isEmpty()) {
      failWithMessage("Expected everything to be refunded, and this was not:%s", listed(kept));
    }
    if (!actual.drifts().isEmpty()) {
      failWithMessage("Expected ledger and kernel to agree, and they did not: %s", actual.drifts());
    }
    return this;
  }

  private static String listed(List<Payment> payments) {
    StringBuilder list = new StringBuilder();
    for (Payment payment : payments) {
      list.append("\n  ")
          .append(payment.receipt())
          .append(payment.refunded() ? ", refunded" : ", not refunded");
    }
    return list.isEmpty() ? " none" : list.toString();
  }
}
