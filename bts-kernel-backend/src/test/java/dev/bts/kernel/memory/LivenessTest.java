package dev.bts.kernel.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.testing.Seeds;
import dev.bts.kernel.sys.NativeBuffer;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.RobustList;
import dev.bts.kernel.sys.Sys;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The header and the liveness word, as others see them: through /proc/PID/mem of the process that
 * has the buffer mapped.
 */
@Timeout(120)
class LivenessTest {
  private static final int OWN_PID = (int) ProcessHandle.current().pid();

  @ParameterizedTest
  @ValueSource(strings = {"tracee", "tracer", "user"})
  void theHeaderSaysWhatTheBufferIsAndWhoseItIs(String policy) {
    try (Scene scene = new Scene()) {
      ChargedMemory memory = scene.open(policy, 5);
      byte[] content = header(holder(scene, policy));
      BufferHeader header = BufferHeader.read(content).orElseThrow();
      assertThat(header.bytes()).isEqualTo(5 * 4096);
      assertThat(header.policy()).isEqualTo(policy);
      assertThat(header.ownerPid()).isEqualTo(OWN_PID);
      assertThat(header.ownerStart()).isEqualTo(KernelTasks.startTime(OWN_PID)).isPositive();
      assertThat(header.ownerNamespace()).isPositive();
      assertThat(header.createdMillis())
          .isBetween(System.currentTimeMillis() - 60_000, System.currentTimeMillis());
      assertThat(BufferHeader.liveness(content)).isEqualTo((int) Sys.call(Sys.GETTID, 0, 0));
      memory.release();
      scene.assertNothingIsLeft();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracee", "tracer", "user"})
  void theKernelMarksTheWordWhenTheOwningThreadEnds(String policy) {
    try (Scene scene = new Scene()) {
      ChargedMemory memory = inThreadThatEnds(() -> scene.open(policy, 3));
      assertThat(BufferHeader.liveness(header(holder(scene, policy))))
          .isEqualTo(RobustList.OWNER_DIED);
      memory.release();
      scene.assertNothingIsLeft();
    }
  }

  @Test
  void theListOfTheCLibraryIsThereAgainAfterwards() {
    try (Scene scene = new Scene()) {
      List<Long> before = robustList();
      ChargedMemory first = scene.open("tracer", 1);
      List<Long> meanwhile = robustList();
      ChargedMemory second = scene.open("user", 1);
      assertThat(robustList()).isEqualTo(meanwhile).isNotEqualTo(before);
      first.release();
      assertThat(robustList()).isEqualTo(meanwhile);
      second.release();
      assertThat(robustList()).isEqualTo(before);
    }
  }

  @Test
  void whateverTheOrderOfReleasesJustTheRestIsMarked() {
    Seeds.forEach(
        LivenessTest.class,
        "bts-kernel-backend",
        10,
        seed -> {
          Random random = Seeds.random(seed);
          try (Scene scene = new Scene()) {
            List<ChargedMemory> live = new ArrayList<>();
            int steps =
                inThreadThatEnds(
                    () -> {
                      for (int step = 0; step < 20; step++) {
                        if (live.isEmpty() || random.nextInt(3) > 0) {
                          live.add(scene.open("tracer", 1 + random.nextInt(3)));
                        } else {
                          live.remove(random.nextInt(live.size())).release();
                        }
                      }
                      return 20;
                    });
            List<Integer> words = new ArrayList<>();
            for (MapsEntry entry : MapsEntry.of(OWN_PID)) {
              if (entry.name().contains("bts:tracer")) {
                words.add(BufferHeader.liveness(header(OWN_PID, entry.start())));
              }
            }
            assertThat(words)
                .as("after %d steps", steps)
                .hasSize(live.size())
                .containsOnly(RobustList.OWNER_DIED);
            live.forEach(ChargedMemory::release);
            scene.assertNothingIsLeft();
          }
        });
  }

  @Test
  void aTraceeThatScribblesSpoilsItsOwnWordOnly() {
    try (Scene scene = new Scene()) {
      ChargedMemory[] others = new ChargedMemory[2];
      ChargedMemory spoilt =
          inThreadThatEnds(
              () -> {
                others[0] = scene.open("user", 2);
                ChargedMemory memory = scene.open("tracee", 2);
                others[1] = scene.open("tracer", 2);
                byte[] garbage = new byte[BufferHeader.SIZE_BYTES];
                new Random(1).nextBytes(garbage);
                scene.calls.write(holderEntry(scene.helper.pid()).start(), garbage);
                return memory;
              });
      byte[] content = header(scene.helper.pid());
      assertThat(BufferHeader.read(content)).isEmpty();
      for (String policy : List.of("tracer", "user")) {
        MapsEntry entry =
            MapsEntry.of(OWN_PID).stream()
                .filter(
                    e ->
                        e.name()
                            .startsWith(
                                policy.equals("user") ? "/SYSV627473" : "/memfd:bts:tracer"))
                .findFirst()
                .orElseThrow();
        assertThat(BufferHeader.liveness(header(OWN_PID, entry.start())))
            .as(policy)
            .isEqualTo(RobustList.OWNER_DIED);
      }
      spoilt.release();
      others[0].release();
      others[1].release();
      assertThat(scene.drifts).isEmpty();
      scene.assertNothingIsLeft();
    }
  }

  @Test
  void whatIsNoHeaderIsNotRead() {
    assertThat(BufferHeader.read(new byte[BufferHeader.SIZE_BYTES])).isEmpty();
    byte[] full = new byte[BufferHeader.SIZE_BYTES];
    Arrays.fill(full, (byte) 0xff);
    assertThat(BufferHeader.read(full)).isEmpty();
    new BufferHeader(1, 4096, 1, 2, 3, 4, "p".repeat(500))
        .write(ByteBuffer.wrap(full).order(ByteOrder.LITTLE_ENDIAN));
    assertThat(BufferHeader.read(full).orElseThrow().policy()).isEqualTo("p".repeat(39));
    // A name without an end is bounded by its field.
    Arrays.fill(full, 56, full.length, (byte) 'x');
    assertThat(BufferHeader.read(full).orElseThrow().policy()).isEqualTo("x".repeat(40));
  }

  /** Does something on a thread and returns when the kernel has seen the end of that thread. */
  private static <T> T inThreadThatEnds(Supplier<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    CompletableFuture<Integer> tid = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              tid.complete((int) Sys.call(Sys.GETTID, 0, 0));
              try {
                result.complete(work.get());
              } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
              }
            });
    thread.start();
    result.join();
    // Java's end of a thread comes before the kernel's.
    while (!ProcFile.lines("/proc/self/task/" + tid.join() + "/stat").isEmpty()) {
      Thread.onSpinWait();
    }
    return result.join();
  }

  private static int holder(Scene scene, String policy) {
    return policy.equals("tracee") ? scene.helper.pid() : OWN_PID;
  }

  private static MapsEntry holderEntry(int pid) {
    return MapsEntry.of(pid).stream()
        .filter(e -> e.name().contains("bts:") || e.name().startsWith("/SYSV627473"))
        .findFirst()
        .orElseThrow();
  }

  private static byte[] header(int pid) {
    return header(pid, holderEntry(pid).start());
  }

  private static byte[] header(int pid, long address) {
    try (RandomAccessFile memory = new RandomAccessFile("/proc/" + pid + "/mem", "r")) {
      byte[] content = new byte[BufferHeader.SIZE_BYTES];
      memory.seek(address);
      memory.readFully(content);
      return content;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Long> robustList() {
    try (NativeBuffer answer = new NativeBuffer(16)) {
      assertThat(Sys.call(Sys.GET_ROBUST_LIST, 0, answer.address(), answer.address() + 8, 0))
          .isZero();
      return List.of(answer.bytes().getLong(0), answer.bytes().getLong(8));
    }
  }
}
