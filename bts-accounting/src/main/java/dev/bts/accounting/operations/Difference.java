package dev.bts.accounting.operations;

/**
 * Where a model and a machine part.
 *
 * @param step the operation's number in its sequence, from 1
 * @param operation what was done
 * @param what {@code result}, or the name of a counter
 * @param model what the model says
 * @param machine what the machine says
 */
public record Difference(int step, Operation operation, String what, String model, String machine) {
  @Override
  public String toString() {
    return "step "
        + step
        + ", "
        + operation
        + ": "
        + what
        + " is "
        + machine
        + " on this machine, "
        + model
        + " in the model";
  }
}
