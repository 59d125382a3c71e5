package dev.bts.kernel.ordinary;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.stream.Stream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * A main program that runs the test classes it is given and prints a {@link TestReport} per test.
 */
final class RunTestClasses {
  private RunTestClasses() {}

  public static void main(String[] arguments) {
    Launcher launcher = LauncherFactory.create();
    launcher.execute(
        LauncherDiscoveryRequestBuilder.request()
            .selectors(Stream.of(arguments).map(DiscoverySelectors::selectClass).toList())
            .build(),
        new Printer());
  }

  private static final class Printer implements TestExecutionListener {
    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      // A container, such as a class, is of interest only if it failed by itself.
      if (test.isTest() || result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
        String reason = result.getThrowable().map(Printer::trace).orElse("");
        print(test, result.getStatus().name(), reason);
      }
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
      print(test, TestExecutionResult.Status.ABORTED.name(), reason);
    }

    private static void print(TestIdentifier test, String outcome, String reason) {
      String name =
          test.getSource()
              .map(source -> source instanceof MethodSource method ? simple(method) : "")
              .orElse("");
      System.out.println(
          new TestReport(outcome, name + " " + test.getDisplayName(), reason).line());
    }

    private static String simple(MethodSource method) {
      return method.getJavaClass().getSimpleName() + "." + method.getMethodName();
    }

    private static String trace(Throwable failure) {
      StringWriter text = new StringWriter();
      failure.printStackTrace(new PrintWriter(text));
      return text.toString();
    }
  }
}
