package dev.bts.sim.junit;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;

/** Gives JUnit the one invocation of a method with {@link CheckPolicy}. */
@SuppressWarnings("exports")
public final class PolicyCheckProvider implements TestTemplateInvocationContextProvider {
  /** Made by JUnit. */
  public PolicyCheckProvider() {}

  @Override
  public boolean supportsTestTemplate(ExtensionContext context) {
    return AnnotationSupport.isAnnotated(context.getTestMethod(), CheckPolicy.class);
  }

  @Override
  public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(
      ExtensionContext context) {
    CheckPolicy check =
        AnnotationSupport.findAnnotation(context.getTestMethod(), CheckPolicy.class).orElseThrow();
    return Stream.of(new Invocation(check));
  }

  /** The invocation: what it is called, and what checks. */
  private record Invocation(CheckPolicy check) implements TestTemplateInvocationContext {
    @Override
    public String getDisplayName(int invocation) {
      return check.policy().getSimpleName()
          + ": "
          + check.tasks()
          + " tasks, "
          + check.users()
          + " users, "
          + check.buffers()
          + " buffers";
    }

    @Override
    public List<Extension> getAdditionalExtensions() {
      return List.of(new PolicyCheck(check));
    }
  }
}
