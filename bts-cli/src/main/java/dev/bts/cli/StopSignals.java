package dev.bts.cli;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Signals to bts while it traces.
 *
 * <p>Ctrl-C goes to the whole foreground process group. While a command is traced it is the
 * command's affair, and bts must live on to see what becomes of it. SIGTERM and SIGHUP, and Ctrl-C
 * while a running process is traced, ask bts to let go. (Ctrl-\ cannot be caught in Java: the
 * virtual machine answers SIGQUIT with a thread dump and lives on.) Closing restores what was
 * before.
 *
 * <p>Java's only way to handle signals is sun.misc.Signal of the module jdk.unsupported. The
 * compiler warns of it in a way that no annotation can answer, so it is called by reflection.
 */
final class StopSignals implements AutoCloseable {
  private final Class<?> signalClass;
  private final Class<?> handlerClass;
  private final List<Object> signals = new ArrayList<>();
  private final List<Object> before = new ArrayList<>();

  /**
   * Takes the signals over.
   *
   * @param interruptStops whether Ctrl-C asks to let go
   * @param onStop is called with the signal's number, on a thread of its own
   */
  StopSignals(boolean interruptStops, IntConsumer onStop) {
    try {
      signalClass = Class.forName("sun.misc.Signal");
      handlerClass = Class.forName("sun.misc.SignalHandler");
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("this Java has no module jdk.unsupported", e);
    }
    Object stop = handler(onStop);
    // A handler, not SIG_IGN: what is ignored stays ignored across execve(2), a handler does not.
    Object leaveToCommand = handler(signal -> {});
    install("INT", interruptStops ? stop : leaveToCommand);
    install("TERM", stop);
    install("HUP", stop);
  }

  @Override
  public void close() {
    for (int i = 0; i < signals.size(); i++) {
      handle(signals.get(i), before.get(i));
    }
  }

  private void install(String name, Object handler) {
    try {
      Object signal = signalClass.getConstructor(String.class).newInstance(name);
      before.add(handle(signal, handler));
      signals.add(signal);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("sun.misc.Signal is not what it was", e);
    }
  }

  private Object handle(Object signal, Object handler) {
    try {
      return signalClass
          .getMethod("handle", signalClass, handlerClass)
          .invoke(null, signal, handler);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the handler of " + signal + " cannot be set", e);
    }
  }

  /** Returns a sun.misc.SignalHandler. */
  private Object handler(IntConsumer consumer) {
    return Proxy.newProxyInstance(
        StopSignals.class.getClassLoader(),
        new Class<?>[] {handlerClass},
        (proxy, method, arguments) -> {
          if (method.getName().equals("handle")) {
            consumer.accept(number(arguments));
          }
          return answer(proxy, method, arguments);
        });
  }

  private int number(Object @Nullable [] arguments) throws ReflectiveOperationException {
    if (arguments == null) {
      throw new IllegalStateException("a signal handler was called without a signal");
    }
    return (Integer) signalClass.getMethod("getNumber").invoke(arguments[0]);
  }

  /** A proxy answers for the methods of Object too. */
  private static @Nullable Object answer(
      Object proxy, Method method, Object @Nullable [] arguments) {
    return switch (method.getName()) {
      case "equals" -> arguments != null && proxy == arguments[0];
      case "hashCode" -> System.identityHashCode(proxy);
      case "toString" -> "signal handler of bts";
      default -> null;
    };
  }
}
