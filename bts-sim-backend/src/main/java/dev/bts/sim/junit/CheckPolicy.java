package dev.bts.sim.junit;

import dev.bts.api.charging.ChargingPolicy;
import dev.bts.sim.lab.Search;
import dev.bts.sim.rules.Event;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test method that looks at all that can happen to sessions with a charging policy on a small
 * machine. It fails with a shortest numbered counterexample, and also if not all could be looked
 * at. The method itself runs afterwards; it may ask for the {@link dev.bts.sim.lab.Exploration} as
 * a parameter.
 *
 * <pre>{@code
 * @CheckPolicy(policy = Mine.class, tasks = 3, users = 2)
 * void holdsWhateverHappens() {}
 * }</pre>
 */
@Documented
@SuppressWarnings("exports") // Who uses this has JUnit; others do not need it.
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(PolicyCheckProvider.class)
public @interface CheckPolicy {
  /** The policy: a class with a constructor without arguments. */
  Class<? extends ChargingPolicy> policy();

  /** The most tasks at one time. */
  int tasks() default 3;

  /** How many users there are. */
  int users() default 1;

  /** The most buffers at one time. */
  int buffers() default 2;

  /** The most pages of a buffer. */
  int pages() default 2;

  /** RLIMIT_MEMLOCK in pages. */
  int limit() default 3;

  /** What can happen beside the usual. */
  Event[] events() default {};

  /** The most states that are kept; more make the test fail. */
  long states() default Search.DEFAULT_STATES;
}
