package dev.bts.it;

import dev.bts.accounting.PerfPays;
import dev.bts.accounting.operations.Fidelity;
import dev.bts.accounting.operations.MachineFacts;
import dev.bts.accounting.operations.Operation;
import dev.bts.accounting.operations.OperationExecutor;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.Principal;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.sim.kernel.KernelVersion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the policy {@code perf} says of each ring that a sequence maps, from the kernel's counters
 * just before, beside what the kernel then does.
 */
final class PerfForecast implements Fidelity.StepListener {
  private static final String REFUSED = "EPERM";
  private static final String GIFT = "u0.perf";

  /** How often what was foreseen. */
  static final class Tally {
    private int withinGift;
    private int beyondGift;
    private int refused;
    private int shared;

    int withinGift() {
      return withinGift;
    }

    int beyondGift() {
      return beyondGift;
    }

    int refused() {
      return refused;
    }

    int shared() {
      return shared;
    }

    @Override
    public String toString() {
      return "rings foreseen: "
          + withinGift
          + " within the gift, "
          + beyondGift
          + " beyond it, "
          + refused
          + " refused, "
          + shared
          + " mapped again";
    }
  }

  /** An event, and in how many places its ring is mapped. */
  private static final class Event {
    private int places;
  }

  /** A process that maps: its limit, and its names for events and for where their rings are. */
  private record Mapper(long limit, Map<Integer, Event> descriptors, Map<Integer, Event> areas) {
    /** A child has the descriptors, and no ring (VM_DONTCOPY). */
    Mapper forked() {
      return new Mapper(limit, new HashMap<>(descriptors), new HashMap<>());
    }

    Mapper limited(long newLimit) {
      return new Mapper(newLimit, descriptors, areas);
    }
  }

  private final MachineFacts facts;
  private final Tally tally;
  private final boolean chargesAgain;
  private final PerfPays policy = new PerfPays();
  private final Map<Integer, Mapper> processes = new HashMap<>();
  private final List<String> errors = new ArrayList<>();
  private Map<String, Long> before = Map.of();

  PerfForecast(MachineFacts facts, Tally tally) {
    this.facts = facts;
    this.tally = tally;
    this.chargesAgain = KernelVersion.like(facts.kernel()).chargesSecondMapping();
  }

  /** Returns what was foreseen wrongly. */
  List<String> errors() {
    return errors;
  }

  @Override
  public void executed(Operation operation, String result, Map<String, Long> counters) {
    int actor = operation.at(0);
    Mapper process = processes.get(actor);
    boolean done = result.equals(OperationExecutor.OK);
    switch (operation.verb()) {
      case START ->
          processes.put(
              actor, new Mapper(facts.softLimitPages(), new HashMap<>(), new HashMap<>()));
      case PERF_MMAP -> mapped(operation, result, counters);
      default -> {
        if (done && process != null) {
          follow(operation, process);
        }
      }
    }
    before = Map.copyOf(counters);
  }

  private void follow(Operation operation, Mapper process) {
    Map<Integer, Event> descriptors = process.descriptors();
    int second = operation.at(1);
    switch (operation.verb()) {
      case FORK -> processes.put(second, process.forked());
      case PERF_OPEN -> descriptors.put(second, new Event());
      case DUP -> {
        Event event = descriptors.get(second);
        if (event != null) {
          descriptors.put(operation.at(2), event);
        }
      }
      case CLOSE -> descriptors.remove(second);
      case PRLIMIT ->
          processes.computeIfPresent(second, (name, limited) -> limited.limited(operation.at(2)));
      case MUNMAP -> {
        Event event = process.areas().remove(second);
        if (event != null) {
          event.places--;
        }
      }
      default -> throw new IllegalArgumentException("not foreseen: " + operation);
    }
  }

  private void mapped(Operation operation, String result, Map<String, Long> counters) {
    Mapper process = processes.get(operation.at(0));
    Event event = process == null ? null : process.descriptors().get(operation.at(1));
    if (process == null || event == null) {
      return;
    }
    boolean done = result.equals(OperationExecutor.OK);
    long gift = counters.getOrDefault(GIFT, 0L) - before(GIFT);
    String pin = pin(operation.at(0));
    long pinned = counters.getOrDefault(pin, 0L) - before(pin);
    if (event.places > 0) {
      // This kernel may charge the user all the same, and the model knows how. What is beyond the
      // gift cannot be seen.
      long mistaken =
          done && chargesAgain ? Math.min(operation.at(3), facts.giftPages() - before(GIFT)) : 0;
      expect(operation, gift == mistaken && pinned == 0, "nothing for a ring that is there");
      tally.shared += done ? 1 : 0;
    } else if (plan(operation, process.limit()) instanceof ChargePlan.Admitted admitted) {
      List<Charge> charges = admitted.charges();
      expect(
          operation,
          done && charges.get(0).pages() == gift && charges.get(1).pages() == pinned,
          charges + ", and the kernel: " + result + ", " + gift + " and " + pinned);
      tally.withinGift += pinned == 0 ? 1 : 0;
      tally.beyondGift += pinned == 0 ? 0 : 1;
    } else {
      expect(operation, result.equals(REFUSED), "a refusal, and the kernel: " + result);
      tally.refused++;
    }
    if (done) {
      event.places++;
      process.areas().put(operation.at(2), event);
    }
  }

  private static String pin(int process) {
    return "p" + process + ".VmPin";
  }

  private long before(String counter) {
    return before.getOrDefault(counter, 0L);
  }

  private void expect(Operation operation, boolean holds, String what) {
    if (!holds) {
      errors.add(operation + ": the policy says " + what + ", after " + before);
    }
  }

  private ChargePlan plan(Operation operation, long limit) {
    int process = operation.at(0);
    TaskIdentity tracer =
        new TaskIdentity(
            new AccountOwner.AddressSpace(process + 1, 1),
            new Principal(1, 1000),
            new AccountOwner.Group("/"));
    AccountView view =
        new AccountView() {
          @Override
          public long usedPages(Account account) {
            boolean users = account.kind() == Account.Kind.USER_PERF;
            return before(users ? GIFT : pin(process));
          }

          @Override
          public long limitPages(Account account, TaskIdentity charger) {
            return account.kind() == Account.Kind.USER_PERF ? facts.giftPages() : limit;
          }

          @Override
          public Optional<String> liftedBy(Account account, TaskIdentity charger) {
            return Optional.empty();
          }
        };
    return policy.plan(new ChargeRequest(tracer, tracer, operation.at(3), false), view);
  }
}
