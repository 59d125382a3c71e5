package dev.bts.cli;

import dev.bts.accounting.Policies;
import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.sim.lab.VerdictsPage;
import dev.bts.sim.rules.Bounds;
import dev.bts.sim.rules.Event;
import dev.bts.sim.rules.PolicyRules;
import dev.bts.sim.rules.RuleBook;
import dev.bts.sim.rules.Rules;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is checked, and on which machine: the options that say so. */
final class LabSubject {
  @Option(
      names = "--policy",
      paramLabel = "POLICY",
      description = "Check bts with this charging policy: a name, or a class of --classpath.")
  private @Nullable String policy;

  @Option(
      names = "--rules",
      paramLabel = "RULES",
      description =
          "Check the rules of a kernel: rfc-2008, linux-2.6.29, perf-6.12 and others, or row-N and"
              + " row-N-fixed of the catalogue of bugs.")
  private @Nullable String rules;

  @Option(
      names = "--classpath",
      paramLabel = "JAR",
      description = "Where the policy's class is: jars and directories, separated by ':'.")
  private @Nullable String classpath;

  @Option(names = "--tasks", paramLabel = "N", description = "The most tasks at one time.")
  private @Nullable Integer tasks;

  @Option(names = "--processes", paramLabel = "N", description = "Processes at the beginning.")
  private @Nullable Integer processes;

  @Option(names = "--capable", paramLabel = "N", description = "Those with CAP_IPC_LOCK.")
  private @Nullable Integer capable;

  @Option(names = "--users", paramLabel = "N", description = "Users.")
  private @Nullable Integer users;

  @Option(names = "--namespaces", paramLabel = "N", description = "User namespaces.")
  private @Nullable Integer namespaces;

  @Option(
      names = "--groups",
      paramLabel = "N",
      description = "Control groups: the first, and others below it.")
  private @Nullable Integer groups;

  @Option(names = "--buffers", paramLabel = "N", description = "The most buffers at one time.")
  private @Nullable Integer buffers;

  @Option(names = "--pages", paramLabel = "N", description = "The most pages of a buffer.")
  private @Nullable Integer pages;

  @Option(names = "--limit", paramLabel = "N", description = "RLIMIT_MEMLOCK, in pages.")
  private @Nullable Integer limit;

  @Option(
      names = "--address-space",
      paramLabel = "N",
      description = "RLIMIT_AS, in pages; 0 for none.")
  private @Nullable Integer addressSpace;

  @Option(names = "--gift", paramLabel = "N", description = "perf_event_mlock_kb, in pages.")
  private @Nullable Integer gift;

  @Option(
      names = "--events",
      paramLabel = "EVENT",
      split = ",",
      description =
          "What can happen beside the usual, each at the price of more states: two-steps (of exec"
              + " and exit, with prlimit in between), traceme, clone-vm (without CLONE_THREAD),"
              + " hotplug.")
  private @Nullable List<String> events;

  /**
   * What was chosen.
   *
   * @param key {@code policy} or {@code rules}
   * @param name its name, as it was given
   * @param rules the rules to check
   * @param bounds the machine
   * @param classpath where the policy's class is, null if it comes with bts
   */
  record Chosen(String key, String name, Rules rules, Bounds bounds, @Nullable String classpath) {
    String label() {
      return key + " " + name;
    }

    /** Returns the options that choose it. */
    String options() {
      return (classpath == null ? "" : "--classpath " + classpath + " ") + "--" + key + " " + name;
    }
  }

  Chosen choose() {
    if ((policy == null) == (rules == null)) {
      throw new InvalidRequestException(
          new Explanation(
              "a check of " + (policy == null ? "nothing" : "a policy and of rules"),
              "one thing is checked at a time",
              "give --policy or --rules"));
    }
    if (policy != null) {
      ChargingPolicy found = policy(policy, classpath);
      Bounds usual = VerdictsPage.boundsFor(found);
      return new Chosen("policy", policy, PolicyRules.of(found), bounds(usual), classpath);
    }
    RuleBook.Entry entry = RuleBook.named(String.valueOf(rules));
    return new Chosen("rules", String.valueOf(rules), entry.rules(), bounds(entry.bounds()), null);
  }

  private Bounds bounds(Bounds usual) {
    int most = or(tasks, usual.tasks());
    int there = or(processes, Math.min(usual.processes(), most));
    int all = or(users, usual.users());
    return new Bounds(
        most,
        all,
        or(namespaces, Math.min(usual.namespaces(), all)),
        or(groups, usual.groups()),
        or(buffers, usual.buffers()),
        or(pages, usual.pages()),
        or(limit, usual.limit()),
        or(addressSpace, usual.addressSpace()),
        or(gift, usual.gift()),
        there,
        or(capable, Math.min(usual.capable(), there)),
        events == null
            ? usual.events()
            : events.stream().map(Event::named).collect(Collectors.toSet()));
  }

  private static int or(@Nullable Integer chosen, int usual) {
    return chosen == null ? usual : chosen;
  }

  /** Returns a policy by its name, or by its class where there is a class path. */
  static ChargingPolicy policy(String name, @Nullable String classpath) {
    if (classpath == null) {
      return Policies.named(name);
    }
    ClassLoader loader = new URLClassLoader(urls(classpath), LabSubject.class.getClassLoader());
    for (ChargingPolicy found : ServiceLoader.load(ChargingPolicy.class, loader)) {
      if (found.name().equals(name)) {
        return found;
      }
    }
    try {
      return Class.forName(name, true, loader)
          .asSubclass(ChargingPolicy.class)
          .getConstructor()
          .newInstance();
    } catch (ReflectiveOperationException | ClassCastException | LinkageError e) {
      throw new InvalidRequestException(
          new Explanation(
              "policy '" + name + "' of " + classpath,
              "no service has this name, and as a class it cannot be made: " + e,
              "name a public class with a public constructor without arguments that implements "
                  + ChargingPolicy.class.getName()));
    }
  }

  private static URL[] urls(String classpath) {
    List<URL> urls = new ArrayList<>();
    for (String entry : classpath.split(File.pathSeparator, -1)) {
      Path path = Path.of(entry);
      if (!Files.exists(path)) {
        throw new InvalidRequestException(
            new Explanation("--classpath " + entry, "there is no such file", "correct the path"));
      }
      try {
        urls.add(path.toUri().toURL());
      } catch (MalformedURLException e) {
        throw new IllegalStateException(e);
      }
    }
    return urls.toArray(URL[]::new);
  }
}
