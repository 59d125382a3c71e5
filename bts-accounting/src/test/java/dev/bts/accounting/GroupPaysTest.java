package dev.bts.accounting;

import static dev.bts.accounting.FakeAccounts.TRACEE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.Principal;
import dev.bts.api.charging.Refusal;
import dev.bts.api.charging.TaskIdentity;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The group of the tracer and all above it, or none of them. */
class GroupPaysTest {
  private static final AccountOwner.AddressSpace MM = new AccountOwner.AddressSpace(100, 1);

  private static ChargePlan plan(String group, long pages, FakeAccounts view) {
    TaskIdentity tracer =
        new TaskIdentity(MM, new Principal(1, 1000), new AccountOwner.Group(group));
    return new GroupPays().plan(new ChargeRequest(tracer, TRACEE, pages, false), view);
  }

  private static Account group(String path) {
    return Account.groupMemory(new AccountOwner.Group(path));
  }

  @Test
  void everyLevelIsChargedAndTheRootOnlyWhereThereIsNoOther() {
    FakeAccounts view = new FakeAccounts();
    assertThat(((ChargePlan.Admitted) plan("/a/b/c", 5, view)).charges())
        .containsExactly(
            new Charge(group("/a/b/c"), 5),
            new Charge(group("/a/b"), 5),
            new Charge(group("/a"), 5));
    assertThat(((ChargePlan.Admitted) plan("/", 5, view)).charges())
        .isEqualTo(List.of(new Charge(group("/"), 5)));
  }

  @Test
  void theTightestLevelDecidesWhateverTheCapabilities() {
    FakeAccounts view = new FakeAccounts().use(group("/a"), 90).limit(group("/a"), 100);
    view.limit(group("/a/b"), 1000);
    view.capable(new TaskIdentity(MM, new Principal(1, 1000), new AccountOwner.Group("/a/b")));
    assertThat(plan("/a/b", 10, view)).isInstanceOf(ChargePlan.Admitted.class);
    Refusal refusal = ((ChargePlan.Refused) plan("/a/b", 11, view)).refusal();
    assertThat(refusal).isEqualTo(Refusal.overLimit("cgroup", group("/a"), 11, 90, 100));
    assertThat(refusal.explain().toString()).contains("memory limit of cgroup /a is 400 KiB");
  }
}
