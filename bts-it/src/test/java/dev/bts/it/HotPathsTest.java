package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.BranchTracers;
import dev.bts.api.Mechanism;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;
import dev.bts.kernel.testing.TraceePrograms;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The trace of a program that runs long enough for its hot paths to be translated as trees is
 * whole: from where each branch leads, straight on, there is the next one. Where a signal came
 * between, it is the handler's first one, and the program goes on behind the handler's last one.
 */
class HotPathsTest {
  private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/bin");

  @TempDir Path directory;

  private static final class Chain implements TraceSink {
    private final Disassembly code;
    private final long handler;
    private final long restorer;
    private final ArrayDeque<Long> interrupted = new ArrayDeque<>();
    private long at;
    private long branches;
    private long interruptions;
    private long lost;
    private String broken = "";

    Chain(Disassembly code, long handler, long restorer) {
      this.code = code;
      this.handler = handler;
      this.restorer = restorer;
    }

    @Override
    public void branches(BranchCursor cursor) {
      while (broken.isEmpty() && cursor.next()) {
        follow(cursor.from(), cursor.to());
      }
    }

    private void follow(long from, long to) {
      if (at == restorer && !interrupted.isEmpty()) {
        at = interrupted.pop();
      }
      if (branches > 0 && !code.isStraight(at, from)) {
        if (handler == 0 || !code.isStraight(handler, from)) {
          broken =
              "branch %d, from %x to %x, does not follow from %x".formatted(branches, from, to, at);
          return;
        }
        interrupted.push(at);
        interruptions++;
      }
      at = to;
      branches++;
    }

    @Override
    public void event(SideEvent event) {
      lost += event instanceof SideEvent.Lost ? 1 : 0;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"hot_paths 1500", "hot_paths 1500 timer", "sorts 4 20000"})
  void everyBranchFollowsFromTheOneBefore(String command) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of(command.split(" ")));
    Path program = TraceePrograms.compile(words.get(0));
    words.set(0, program.toString());
    Disassembly code = Disassembly.of(program, directory);
    boolean isInterrupted = words.contains("timer");
    Chain chain =
        new Chain(
            code,
            isInterrupted ? code.symbol("handler") : 0,
            isInterrupted ? code.symbol("__restore_rt") : 0);
    TraceRequest request =
        TraceRequest.command(words)
            .environment(ENVIRONMENT)
            .directory(directory)
            .mechanisms(Mechanism.SOFTWARE_BTS)
            .sink(chain)
            .build();
    try (TraceSession session = BranchTracers.named("kernel").open(request)) {
      session.start();
      assertThat(session.await().code()).isZero();
    }
    assertThat(chain.broken).isEmpty();
    assertThat(chain.branches).isGreaterThan(1_000_000);
    assertThat(chain.lost).isZero();
    if (isInterrupted) {
      assertThat(chain.interruptions).isPositive();
    }
  }
}
