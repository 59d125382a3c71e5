package dev.bts.api.contract;

import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/**
 * The whole contract of a backend's sessions, command by command the ptrace BTS interface of Linux
 * 2.6.28. A backend's test class extends this one and supplies the fixture.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
public abstract class TraceSessionContract
    implements ConfigureContract,
        ReadContract,
        OverflowContract,
        LifecycleContract,
        StreamContract,
        ChargingContract {
  private final List<TraceSession> sessions = new ArrayList<>();
  private @Nullable BackendFixture fixture;

  /** Creates the test instance. */
  protected TraceSessionContract() {}

  /** Returns a new fixture for one test. */
  protected abstract BackendFixture createFixture() throws Exception;

  @BeforeEach
  final void setUp() throws Exception {
    fixture = createFixture();
  }

  @AfterEach
  final void closeSessions() {
    BackendFixture used = fixture();
    try {
      for (TraceSession session : sessions) {
        try {
          session.close();
        } finally {
          used.kill(session.pid());
        }
      }
    } finally {
      used.close();
    }
  }

  @Override
  public final BackendFixture fixture() {
    return Objects.requireNonNull(fixture, "no test runs");
  }

  @Override
  public final TraceSession open(TraceRequest.Builder request) {
    TraceSession session = fixture().tracer().open(request.build());
    sessions.add(session);
    return session;
  }
}
