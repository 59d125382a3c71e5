package dev.bts.kernel;

import dev.bts.accounting.TraceePays;
import dev.bts.api.BufferSpec;
import dev.bts.api.Mechanism;
import dev.bts.api.Overflow;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A tracer, to be killed, that holds a buffer of its tracee until its input ends. It says {@code
 * tracing} when it does.
 */
final class DoomedTracer {
  static final int PAGES = 37;

  private DoomedTracer() {}

  /** Takes the tracee's pid. */
  public static void main(String[] arguments) throws IOException {
    TraceRequest request =
        TraceRequest.process(Integer.parseInt(arguments[0]))
            .policy(new TraceePays())
            .buffer(PAGES * BufferSpec.PAGE_BYTES, Overflow.WRAP)
            .mechanisms(Mechanism.SINGLE_STEP)
            .build();
    try (TraceSession session = new KernelTracer().open(request)) {
      session.start();
      System.out.println("tracing");
      while (System.in.read() >= 0) {
        // Until the end of the input.
      }
    }
  }

  /** Returns the command that starts it, to be followed by the tracee's pid. */
  static List<String> command() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-Xmx128m",
        "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
        "-Djna.tmpdir=" + System.getProperty("jna.tmpdir", System.getProperty("java.io.tmpdir")),
        "-cp",
        System.getProperty("java.class.path"),
        DoomedTracer.class.getName());
  }
}
