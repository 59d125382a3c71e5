package dev.bts.sim.rules;

import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.TaskIdentity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a policy has decided, as a tree of the questions that it asks the view.
 *
 * <p>A policy is a pure function of the request and of what the view answers. So the policy object
 * itself is asked once for each request and each row of answers, and the explorer, which meets the
 * same ones millions of times, follows the questions that were asked then. It is asked twice: a
 * policy that asks or plans something else after the same answers is no pure function, and is told
 * so. One thread at a time.
 */
final class Decisions {
  private final ChargingPolicy policy;
  private final AccountTable table;
  private final @Nullable Node[] roots;
  private final Recorder recorder = new Recorder();

  Decisions(ChargingPolicy policy, AccountTable table) {
    this.policy = policy;
    this.table = table;
    roots = new @Nullable Node[table.requests()];
  }

  /** A plan, with the numbers of accounts. */
  static final class Decision {
    /** Where nothing is charged, and nothing admitted. */
    private static final int[] NONE = {};

    final boolean admitted;

    /** Whether the policy says that a capability has lifted a limit. */
    final boolean lifted;

    final int[] accounts;
    final int[] pages;

    private Decision(boolean admitted, boolean lifted, int[] accounts, int[] pages) {
      this.admitted = admitted;
      this.lifted = lifted;
      this.accounts = accounts;
      this.pages = pages;
    }
  }

  private enum Asked {
    USED,
    LIMIT,
    LIFTED
  }

  /** A question to the view; the account's number is -1 where the question is not about its use. */
  private record Question(Asked asked, int account, Account.Kind kind, int space) {
    long answer(WorldView view) {
      return switch (asked) {
        case USED -> account < 0 ? 0 : view.used(account);
        case LIMIT -> view.limit(kind, view.taskOf(space));
        case LIFTED -> view.isLifted(kind, view.taskOf(space)) ? 1 : 0;
      };
    }
  }

  /** Either a question with what follows each answer, or a decision. */
  private static final class Node {
    private final @Nullable Question question;
    private final @Nullable Decision decision;
    private long[] answers = {};
    private Node[] following = {};

    Node(@Nullable Question question, @Nullable Decision decision) {
      this.question = question;
      this.decision = decision;
    }

    @Nullable Node after(long answer) {
      for (int i = 0; i < answers.length; i++) {
        if (answers[i] == answer) {
          return following[i];
        }
      }
      return null;
    }

    void add(long answer, Node node) {
      answers = Arrays.copyOf(answers, answers.length + 1);
      following = Arrays.copyOf(following, answers.length);
      answers[answers.length - 1] = answer;
      following[answers.length - 1] = node;
    }
  }

  /** Answers the policy from the view, and keeps what was asked and answered. */
  private final class Recorder implements AccountView {
    private final List<Question> questions = new ArrayList<>();
    private final List<Long> answers = new ArrayList<>();
    private @Nullable WorldView view;

    private long answer(Question question) {
      if (view == null) {
        throw new IllegalStateException(
            "policy '" + policy.name() + "' asks a view that it was given for another request");
      }
      long answer = question.answer(view);
      questions.add(question);
      answers.add(answer);
      return answer;
    }

    @Override
    public long usedPages(Account account) {
      return answer(new Question(Asked.USED, table.find(account), account.kind(), -1));
    }

    @Override
    public long limitPages(Account account, TaskIdentity charger) {
      AccountOwner owner = account.owner();
      AccountOwner.AddressSpace mm =
          owner instanceof AccountOwner.AddressSpace own ? own : charger.mm();
      return answer(new Question(Asked.LIMIT, -1, account.kind(), table.space(mm)));
    }

    @Override
    public Optional<String> liftedBy(Account account, TaskIdentity charger) {
      Question question = new Question(Asked.LIFTED, -1, account.kind(), table.space(charger.mm()));
      return answer(question) != 0 ? Optional.of(Account.CAP_IPC_LOCK) : Optional.empty();
    }
  }

  /** Returns what the policy decides about a task that asks for pages to trace another with. */
  Decision decide(World world, int tracer, int tracee, int pages, WorldView view) {
    int request = table.requestNumber(world, tracer, tracee, pages);
    Node node = roots[request];
    while (node != null && node.question != null) {
      node = node.after(node.question.answer(view));
    }
    return node != null && node.decision != null
        ? node.decision
        : ask(request, table.request(world, tracer, tracee, pages), view);
  }

  private Decision ask(int number, ChargeRequest request, WorldView view) {
    recorder.questions.clear();
    recorder.answers.clear();
    recorder.view = view;
    ChargePlan plan = policy.plan(request, recorder);
    List<Question> asked = List.copyOf(recorder.questions);
    recorder.questions.clear();
    recorder.answers.clear();
    ChargePlan again = policy.plan(request, recorder);
    recorder.view = null;
    if (!asked.equals(recorder.questions)) {
      throw notPure("it asks something else when it is told the same");
    }
    if (!plan.equals(again)) {
      throw notPure("it plans something else when it is told the same");
    }
    Decision decision = numbered(plan);
    Node node = roots[number];
    if (node == null) {
      node = node(0, decision);
      roots[number] = node;
    }
    for (int i = 0; i < recorder.questions.size(); i++) {
      if (!recorder.questions.get(i).equals(node.question)) {
        throw notPure("it asks something else when it is told the same");
      }
      long answer = recorder.answers.get(i);
      Node next = node.after(answer);
      if (next == null) {
        next = node(i + 1, decision);
        node.add(answer, next);
      }
      node = next;
    }
    if (node.question != null) {
      throw notPure("it asks something else when it is told the same");
    }
    return decision;
  }

  private Node node(int question, Decision decision) {
    return question < recorder.questions.size()
        ? new Node(recorder.questions.get(question), null)
        : new Node(null, decision);
  }

  private Decision numbered(ChargePlan plan) {
    if (!(plan instanceof ChargePlan.Admitted admitted)) {
      return new Decision(false, false, Decision.NONE, Decision.NONE);
    }
    List<Charge> charges =
        admitted.charges().stream().filter(charge -> charge.pages() > 0).toList();
    return new Decision(
        true,
        !admitted.liftedBy().isEmpty(),
        charges.stream().mapToInt(charge -> table.index(charge.account(), policy)).toArray(),
        charges.stream().mapToInt(charge -> Math.toIntExact(charge.pages())).toArray());
  }

  private InvalidRequestException notPure(String because) {
    return new InvalidRequestException(
        new Explanation(
            "check policy '" + policy.name() + "'",
            because + ": it is no pure function",
            "let the plan depend on the request and the view alone"));
  }
}
