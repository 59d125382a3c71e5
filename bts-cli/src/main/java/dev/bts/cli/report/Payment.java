package dev.bts.cli.report;

import dev.bts.api.charging.Receipt;

/** A receipt, and whether it was refunded within the trace. */
public record Payment(Receipt receipt, boolean refunded) {}
