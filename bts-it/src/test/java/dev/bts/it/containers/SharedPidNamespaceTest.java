package dev.bts.it.containers;

import static dev.bts.it.containers.Payer.tracee;
import static dev.bts.it.containers.Payer.user;
import static dev.bts.it.containers.TraceAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.record.SideEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The tracer in one container, the program in another whose process ids it shares. */
class SharedPidNamespaceTest {
  private static BtsContainer program;
  private static BtsContainer sidecar;

  @BeforeAll
  static void start() {
    // A program that seccomp confines is not translated.
    program = TestImage.container().withoutSeccomp();
    program.start();
    sidecar =
        TestImage.container()
            .withoutSeccomp()
            .withCapabilities("SYS_PTRACE")
            .withPidNamespaceOf(program);
    sidecar.start();
  }

  @AfterAll
  static void stop() {
    if (sidecar != null) {
      sidecar.stop();
    }
    if (program != null) {
      program.stop();
    }
  }

  @Test
  void theTraceePaysAcrossContainers() {
    assertThat(attach("--charge", "tracee")).complete().chargedTo(tracee()).pages(16).refunded();
    Trace translated = attach("--charge", "tracee", "--mechanism", "software-bts");
    assertThat(translated).complete().chargedTo(tracee()).refunded();
    assertThat(translated.payments()).as("buffer and translation").hasSizeGreaterThan(1);
  }

  /** The tracer alone maps the buffer of a stepped program. */
  @Test
  void theUserPaysForABufferThatTheProgramDoesNotMap() {
    assertThat(attach("--charge", "user")).complete().chargedTo(user(0)).pages(16).refunded();
  }

  /** A segment cannot be attached in another IPC namespace: nothing but the buffer is charged. */
  @Test
  void theUserCannotPayForWhatTheProgramMustMap() {
    Trace trace = attach("--charge", "user", "--mechanism", "software-bts");
    assertThat(trace).complete().chargedTo(user(0)).pages(16).refunded();
    List<String> reasons = new ArrayList<>();
    for (SideEvent event : trace.events()) {
      if (event instanceof SideEvent.Lost lost) {
        reasons.add(lost.reason());
      }
    }
    assertThat(reasons)
        .singleElement()
        .asString()
        .contains("is single-stepped from here", "it is in another IPC namespace, ipc:[")
        .contains("choose --charge tracee");
  }

  /** Traces a program in the other container from outside, until it is killed. */
  private static Trace attach(String... options) {
    int pid = program.inside().start(TestImage.ENDLESS);
    String file = "/tmp/" + pid + ".bts";
    List<String> line = new ArrayList<>(List.of("bts", "record", "-o", file, "--buffer", "64K"));
    line.addAll(List.of(options));
    line.addAll(List.of("-p", String.valueOf(pid)));
    int tracer = sidecar.inside().start(line.toArray(String[]::new));
    TestImage.awaitGrowth(sidecar, file);
    program.inside().signal("KILL", pid);
    TestImage.await(
        "the tracer has ended", () -> sidecar.inside().run("ls", "/proc/" + tracer).status() != 0);
    return sidecar.trace(file);
  }
}
