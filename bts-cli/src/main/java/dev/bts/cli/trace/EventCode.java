package dev.bts.cli.trace;

/** The numbers that stand for the kinds of side events and account owners in the file. */
final class EventCode {
  static final int PROCESS_STARTED = 1;
  static final int PROCESS_EXITED = 2;
  static final int THREAD_STARTED = 3;
  static final int THREAD_EXITED = 4;
  static final int EXEC = 5;
  static final int MAPPED = 6;
  static final int ARRIVED = 7;
  static final int DEPARTED = 8;
  static final int SIGNALLED = 9;
  static final int LOST = 10;
  static final int CHARGED = 11;
  static final int REFUNDED = 12;
  static final int ACCOUNTING_DRIFT = 13;
  static final int ADOPTED = 14;
  static final int SAMPLED = 15;

  static final int OWNER_ADDRESS_SPACE = 1;
  static final int OWNER_USER = 2;
  static final int OWNER_GROUP = 3;

  private EventCode() {}
}
