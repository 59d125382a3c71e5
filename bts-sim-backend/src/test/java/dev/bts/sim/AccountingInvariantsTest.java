package dev.bts.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.accounting.JournaledLedger;
import dev.bts.accounting.Policies;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.OnRefusal;
import dev.bts.api.Overflow;
import dev.bts.api.SessionStateException;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Principal;
import dev.bts.api.charging.Receipt;
import dev.bts.api.contract.Auditor;
import dev.bts.api.contract.RecordingSink;
import dev.bts.api.testing.Seeds;
import dev.bts.sim.kernel.Credentials;
import dev.bts.sim.kernel.Machine;
import dev.bts.sim.kernel.ResourceLimits;
import dev.bts.sim.kernel.Task;
import dev.bts.sim.kernel.TaskGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The invariants of accounting, checked after every one of many random operations on several
 * sessions that share a tracer, a user and a ledger, while their programs fork, execute and end. A
 * seed replays the operations; how far the programs come between them differs from run to run.
 */
class AccountingInvariantsTest {
  private static final long PAGE = 4096;
  private static final long LIMIT_PAGES = 10;
  private static final long GROUP_PAGES = 12;
  private static final AccountOwner.Group GROUP = new AccountOwner.Group("/limited/traced");
  private static final int OPERATIONS = 150;
  private static final int MOST_SESSIONS = 3;
  private static final int SIGKILL = 9;

  /** One run: its machine, its sessions, and what must be true of them. */
  private static final class Run {
    private final Random random;
    private final Machine machine = new Machine();
    private final JournaledLedger ledger = new JournaledLedger();
    private final Task tracerTask =
        machine.boot(
            Credentials.user(1000), ResourceLimits.STANDARD.withMemlock(LIMIT_PAGES * PAGE));
    private final SimTracer tracer = new SimTracer(machine, ledger, tracerTask);
    private final List<TraceSession> sessions = new ArrayList<>();
    private final Auditor auditor = new Auditor(ledger, new MachineCounters(machine));
    private int refusals;

    Run(long seed) {
      random = Seeds.random(seed);
      AccountOwner.AddressSpace mm = tracerTask.mm().identity();
      Principal user = tracerTask.credentials().principal();
      Stream.concat(
              Stream.of(
                  Account.totalVm(mm),
                  Account.lockedVm(mm),
                  Account.pinnedVm(mm),
                  Account.userMemlock(user),
                  Account.userPerf(user)),
              GROUP.levels().stream().map(Account::groupMemory))
          .forEach(auditor::watch);
      machine.move(tracerTask.group(), GROUP);
      machine.memory().setLimit(Objects.requireNonNull(GROUP.parent()), GROUP_PAGES);
    }

    private <T> T any(List<T> list) {
      return list.get(random.nextInt(list.size()));
    }

    void go() {
      for (int i = 0; i < OPERATIONS; i++) {
        try {
          operate();
        } catch (ChargeRefusedException refused) {
          refusals++;
        } catch (SessionStateException ended) {
          // The program came to its end by itself, which may happen at any moment.
        }
        check();
      }
      sessions.forEach(Run::close);
      check();
      auditor.checkNothingIsLeft();
    }

    private void operate() {
      if (sessions.size() < MOST_SESSIONS) {
        open();
        return;
      }
      TraceSession session = any(sessions);
      switch (random.nextInt(8)) {
        case 0 -> session.start();
        case 1 -> session.pause();
        case 2, 3 -> session.resize(random.nextInt(8) * PAGE);
        case 4 -> session.drain(new RecordingSink());
        case 5 -> session.clear();
        case 6 -> {
          TaskGroup process = machine.process(session.pid());
          if (process != null) {
            machine.kill(process, SIGKILL);
          }
        }
        default -> {
          close(session);
          sessions.remove(session);
        }
      }
    }

    private void open() {
      ChargingPolicy policy = any(Policies.builtIn());
      TraceSession session =
          tracer.open(
              TraceRequest.command(
                      "synthetic",
                      "--seed",
                      Integer.toString(random.nextInt(100)),
                      "--branches",
                      Integer.toString(200 + random.nextInt(2000)),
                      "--threads",
                      Integer.toString(1 + random.nextInt(2)),
                      "--forks",
                      Integer.toString(random.nextInt(3)),
                      "--execs",
                      Integer.toString(random.nextInt(3)))
                  .buffer(
                      random.nextInt(8) * PAGE,
                      any(List.of(Overflow.DRAIN, Overflow.WRAP, Overflow.STOP)))
                  .sink(new RecordingSink())
                  .policy(policy)
                  .onRefusal(any(List.of(OnRefusal.values())))
                  .build());
      sessions.add(session);
    }

    private static void close(TraceSession session) {
      try {
        session.close();
      } catch (ChargeRefusedException refusedInMidSession) {
        assertThat(session.status().state()).isEqualTo(TraceSession.State.DETACHED);
      }
      assertThat(session.status().chargedPages()).isZero();
    }

    /** No step of any session falls into a check: every step holds the machine's lock. */
    private void check() {
      synchronized (machine) {
        auditor.check();
        for (Receipt receipt : ledger.liveReceipts()) {
          for (Charge charge : receipt.charges()) {
            if (charge.account().owner() instanceof AccountOwner.AddressSpace mm) {
              assertThat(machine.addressSpace(mm)).as("who paid " + receipt).isNotNull();
            }
          }
        }
        // No locked page without a charge, whoever's address space it is in.
        for (int tid = tracerTask.tid(); tid < tracerTask.tid() + 10 * OPERATIONS; tid++) {
          Task task = machine.task(tid);
          if (task != null) {
            assertThat(task.mm().lockedPages())
                .isEqualTo(ledger.chargedPages(Account.lockedVm(task.mm().identity())));
          }
        }
      }
    }
  }

  @Test
  void holdAfterEveryOperation() {
    AtomicInteger refusals = new AtomicInteger();
    Seeds.forEach(
        AccountingInvariantsTest.class,
        "bts-sim-backend",
        20,
        seed -> {
          Run run = new Run(seed);
          run.go();
          refusals.addAndGet(run.refusals);
          assertThat(run.ledger.journal()).hasSizeGreaterThan(20);
        });
    assertThat(refusals.get()).as("the limit was met").isPositive();
  }
}
