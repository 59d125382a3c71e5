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
import java.util.HashMap;
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
    private final Map<Integer, Place> threads = new HashMap<>();
    private long branches;
    private long interruptions;
    private long lost;
    private String broken = "";

    /** Where a thread is, and where it was interrupted. */
    private static final class Place {
      private final ArrayDeque<Long> interrupted = new ArrayDeque<>();
      private long at;

      Place(long at) {
        this.at = at;
      }
    }

    Chain(Disassembly code, long handler, long restorer) {
      this.code = code;
      this.handler = handler;
      this.restorer = restorer;
    }

    @Override
    public void branches(BranchCursor cursor) {
      while (broken.isEmpty() && cursor.next()) {
        long from = cursor.from();
        Place thread = threads.computeIfAbsent(cursor.tid(), none -> new Place(from));
        follow(thread, from, cursor.to());
      }
    }

    private void follow(Place thread, long from, long to) {
      if (thread.at == restorer && !thread.interrupted.isEmpty()) {
        thread.at = thread.interrupted.pop();
      }
      if (!code.isStraight(thread.at, from)) {
        if (handler == 0 || !code.isStraight(handler, from)) {
          broken =
              "branch %d, from %x to %x, does not follow from %x"
                  .formatted(branches, from, to, thread.at);
          return;
        }
        thread.interrupted.push(thread.at);
        interruptions++;
      }
      thread.at = to;
      branches++;
    }

    @Override
    public void event(SideEvent event) {
      lost += event instanceof SideEvent.Lost ? 1 : 0;
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hot_paths 1500",
        "hot_paths 1500 timer",
        "hot_paths 1500 remaps",
        "sorts 4 20000"
      })
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
