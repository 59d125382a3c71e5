package dev.bts.api;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is traced: a command to be started, or a process that runs. */
public sealed interface Target {
  /**
   * A command to be started under the tracer. It inherits the tracer's standard streams.
   *
   * @param arguments the program and its arguments; the program is looked up in PATH as execvp(3)
   *     does
   * @param environment the whole environment, or null for the tracer's own
   * @param directory the working directory, or null for the tracer's own
   * @param randomized false switches address space randomisation off (personality(2)), so that two
   *     runs are comparable
   */
  record Command(
      List<String> arguments,
      @Nullable Map<String, String> environment,
      @Nullable Path directory,
      boolean randomized)
      implements Target {
    /**
     * Checks and copies the arguments.
     *
     * @throws InvalidRequestException if there is no program, or a string holds a NUL
     */
    public Command {
      arguments = List.copyOf(arguments);
      environment = environment == null ? null : Map.copyOf(environment);
      if (arguments.isEmpty() || arguments.get(0).isEmpty()) {
        throw new InvalidRequestException(
            new Explanation("trace a command", "no command was given", "name one after --"));
      }
      for (String argument : arguments) {
        if (argument.indexOf('\0') >= 0) {
          throw new InvalidRequestException(
              new Explanation(
                  "trace '" + arguments.get(0) + "'",
                  "an argument holds a NUL character, which execve(2) cannot pass",
                  "remove it"));
        }
      }
    }
  }

  /**
   * A running process, all its threads.
   *
   * @param pid the process id in the tracer's pid namespace
   */
  record Running(int pid) implements Target {
    /**
     * Checks the pid.
     *
     * @throws InvalidRequestException if it cannot be one
     */
    public Running {
      if (pid <= 0) {
        throw new InvalidRequestException(
            new Explanation(
                "trace process " + pid, "a process id is a positive number", "see ps(1)"));
      }
    }
  }
}
