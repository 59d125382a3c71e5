package dev.bts.cli.perfdata;

/** A file that is whole, and of a kind that bts does not read. */
final class UnreadableDataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String remedy;

  UnreadableDataException(String obstacle, String remedy) {
    super(obstacle);
    this.remedy = remedy;
  }

  String remedy() {
    return remedy;
  }
}
