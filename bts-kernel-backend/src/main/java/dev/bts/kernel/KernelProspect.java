package dev.bts.kernel;

import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.Mechanism;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Principal;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.api.plan.PlanRequest;
import dev.bts.api.plan.Prospect;
import dev.bts.api.plan.Subject;
import dev.bts.kernel.memory.Inheritance;
import dev.bts.kernel.memory.KernelAccounts;
import dev.bts.kernel.memory.KernelPlaces;
import dev.bts.kernel.memory.KernelTasks;
import dev.bts.kernel.memory.ProspectiveAccounts;
import dev.bts.kernel.ptrace.Translatable;
import dev.bts.kernel.software.Translation;
import dev.bts.kernel.sys.UserIds;
import java.util.ArrayList;
import java.util.List;

/** Finds out who would be involved in a session on this machine, and what they would inherit. */
final class KernelProspect {
  private static final String NOTHING_LOCKED =
      "what is yet to be started has nothing locked at first";

  /** The largest user id: setresuid(2) takes 2^32 - 1 for "leave it". */
  private static final long MAX_UID = 0xfffffffeL;

  private static final int MAX_DIGITS = 10;

  private final PlanRequest request;
  private final TaskIdentity self = KernelTasks.self();
  private final List<TaskIdentity> tracees = new ArrayList<>();
  private final List<String> assumptions = new ArrayList<>();

  private KernelProspect(PlanRequest request) {
    this.request = request;
  }

  static Prospect of(PlanRequest request) {
    KernelProspect prospect = new KernelProspect(request);
    if (request.subject() instanceof Subject.Running running) {
      return prospect.ofProcess(running.pid());
    }
    if (request.subject() instanceof Subject.OfUser user) {
      return prospect.ofUser(user.name());
    }
    return prospect.ofCommand();
  }

  private Prospect ofCommand() {
    addTracees(self.principal());
    assumptions.add("the command inherits the limits of this process; " + NOTHING_LOCKED);
    return prospect(self, Inheritance.byExec(pid(self), self.principal().uid() == 0));
  }

  private Prospect ofProcess(int pid) {
    TaskIdentity running = KernelTasks.identify(pid);
    tracees.add(running);
    addTracees(running.principal());
    if (tracees.size() > 1) {
      assumptions.add(
          "the other processes are forked by process "
              + pid
              + ": its limits, its size, nothing locked");
    }
    return prospect(self, Inheritance.byFork(pid));
  }

  private Prospect ofUser(String name) {
    int uid = uid(name);
    if (uid == self.principal().uid()) {
      return ofCommand();
    }
    Principal principal = new Principal(self.principal().userNamespace(), uid);
    addTracees(principal);
    TaskIdentity tracer = ProspectiveAccounts.task(0, principal, self.group());
    if (self.principal().uid() != 0) {
      return prospect(
          tracer,
          Inheritance.unknown(
              pid(self),
              new Explanation(
                  "know the limits of processes of " + principal,
                  "they depend on how that user logs in (pam_limits, systemd)",
                  "ask as that user")));
    }
    assumptions.add(
        "bts, started as "
            + principal
            + ", inherits the limits and the control group of this process; a login may set other"
            + " ones (pam_limits, systemd)");
    assumptions.add(NOTHING_LOCKED);
    return prospect(tracer, Inheritance.asAnotherUser(pid(self)));
  }

  private void addTracees(Principal principal) {
    while (tracees.size() < request.processes()) {
      tracees.add(ProspectiveAccounts.task(tracees.size() + 1, principal, self.group()));
    }
  }

  private Prospect prospect(TaskIdentity tracer, Inheritance inheritance) {
    KernelAccounts present = new KernelAccounts(request.strict());
    Account size = Account.totalVm(self.mm());
    if (tracer.equals(self) && present.limitPages(size, self) != AccountView.UNLIMITED) {
      assumptions.add("bts record is as large as this process is now, which RLIMIT_AS limits");
    }
    Mechanism mechanism = request.mechanism().orElse(KernelTracer.DEFAULT_MECHANISM);
    long translationPages = translationPages(mechanism);
    return new Prospect(
        mechanism,
        Probe.offers(mechanism) ? null : KernelTracer.notOffered(List.of(mechanism)),
        tracer,
        tracees,
        new ProspectiveAccounts(present, inheritance),
        (policy, asked, plan) -> {
          Explanation pair = PossiblePair.obstacle(mechanism, policy, plan);
          return pair != null ? pair : KernelPlaces.obstacle(policy, asked, plan);
        },
        assumptions,
        translationPages);
  }

  /** What is inherited keeps a command from being translated as it keeps this process. */
  private long translationPages(Mechanism mechanism) {
    if (mechanism != Mechanism.SOFTWARE_BTS) {
      return 0;
    }
    int like = request.subject() instanceof Subject.Running running ? running.pid() : pid(self);
    String obstacle = Translatable.obstacle(like);
    if (obstacle != null) {
      assumptions.add("the program is single-stepped: " + obstacle);
      return 0;
    }
    return Translation.FIRST_PAGES;
  }

  private static int pid(TaskIdentity task) {
    return task.mm().pid();
  }

  private static int uid(String name) {
    if (name.matches("[0-9]+")) {
      if (name.length() > MAX_DIGITS || Long.parseLong(name) > MAX_UID) {
        throw noSuchUser(name, "a user id is at most " + MAX_UID);
      }
      return Integer.parseUnsignedInt(name);
    }
    return UserIds.named(name)
        .orElseThrow(() -> noSuchUser(name, "the user database has nobody of that name"));
  }

  private static InvalidRequestException noSuchUser(String name, String obstacle) {
    return new InvalidRequestException(
        new Explanation(
            "plan for user '" + name + "'", obstacle, "give a name that 'getent passwd' lists"));
  }
}
