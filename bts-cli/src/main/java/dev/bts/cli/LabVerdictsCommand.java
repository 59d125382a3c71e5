package dev.bts.cli;

import dev.bts.cli.text.TextOutput;
import dev.bts.sim.lab.VerdictsPage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bts lab verdicts}: every policy, every kernel, every known bug. */
@Command(
    name = LabVerdictsCommand.NAME,
    mixinStandardHelpOptions = true,
    description =
        "Checks all policies, all kernels' rules and all pairs of the catalogue of bugs, and writes"
            + " what was found as a page of Markdown. It takes some minutes.",
    sortOptions = false,
    footer = {"", "Examples:", "  bts lab verdicts -o docs/verdicts.md"})
final class LabVerdictsCommand implements Callable<Integer>, Verb {
  static final String NAME = "verdicts";

  private final Console console;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Where to write the page. Default: standard output.")
  private @Nullable Path output;

  @Option(names = "--threads", paramLabel = "N", description = "Default: one for each CPU.")
  private int threads = Runtime.getRuntime().availableProcessors();

  /** Creates the verb. */
  LabVerdictsCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    LabProgress progress = new LabProgress(console);
    String page;
    try {
      page = VerdictsPage.make(threads, name -> progress.text("checking " + name));
    } finally {
      progress.finish();
    }
    if (output == null) {
      try (TextOutput out = new TextOutput(console.out())) {
        out.text(page);
      }
    } else {
      try {
        Files.writeString(output, page);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot write " + output + ": " + e, e);
      }
    }
    return ExitCode.OK;
  }
}
