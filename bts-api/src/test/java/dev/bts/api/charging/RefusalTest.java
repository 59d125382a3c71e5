package dev.bts.api.charging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.ChargeRefusedException;
import org.junit.jupiter.api.Test;

class RefusalTest {
  private static final Account USER = Account.userMemlock(new Principal(1, 1000));
  private static final AccountOwner.AddressSpace MM = new AccountOwner.AddressSpace(77, 1);

  @Test
  void namesLimitUseAndRequestAndWhatWouldHaveFitted() {
    Refusal refusal = Refusal.overLimit("user", USER, 1024, 1536, 2048);
    assertThat(new ChargeRefusedException(refusal))
        .hasMessage(
            "charge 4M by policy 'user': RLIMIT_MEMLOCK of uid 1000 is 8192 KiB, 6144 in use,"
                + " 4096 asked: lower --buffer to 2M or raise 'ulimit -l'");
    assertThat(refusal.fittingPages()).isEqualTo(512);
  }

  @Test
  void offersNoSmallerBufferWhereNothingFits() {
    Refusal refusal = Refusal.overLimit("tracee", Account.totalVm(MM), 1, 10, 10);
    assertThat(refusal.explain().obstacle())
        .isEqualTo("RLIMIT_AS of pid 77 is 40 KiB, 40 in use, 4 asked");
    assertThat(refusal.explain().remedy()).isEqualTo("raise 'ulimit -v'");
    assertThat(refusal.fittingPages()).isZero();
  }

  @Test
  void writesSizesThatAreNotWholeMebibytesInKibibytes() {
    assertThat(Refusal.overLimit("p", USER, 3, 0, 2).remedy())
        .isEqualTo("lower --buffer to 8K or raise 'ulimit -l'");
  }

  @Test
  void namesTheLimitThatHasNoUlimitOption() {
    Account group = new Account(Account.Kind.GROUP_MEMORY, new AccountOwner.Group("/a"));
    assertThat(Refusal.overLimit("cgroup", group, 2, 1, 1).explain())
        .hasToString(
            "charge 8K by policy 'cgroup': memory limit of cgroup /a is 4 KiB, 4 in use,"
                + " 8 asked: raise the memory limit");
  }

  @Test
  void saysInWordsWhatIsNotALimit() {
    Refusal refusal = Refusal.because("tracee", 2, "nobody was asked", "ask");
    assertThat(refusal.explain())
        .hasToString("charge 8K by policy 'tracee': nobody was asked: ask");
    assertThat(refusal.fittingPages()).isZero();
  }

  @Test
  void joinsAReasonAndTheNumbers() {
    Refusal refusal = new Refusal("user", USER, 2, 1, 2, 1, "the kernel said EAGAIN", "wait");
    assertThat(refusal.explain().obstacle())
        .isEqualTo(
            "the kernel said EAGAIN; RLIMIT_MEMLOCK of uid 1000 is 8 KiB, 4 in use," + " 8 asked");
  }

  @Test
  void neverPrintsAnOverflowedNumber() {
    Refusal refusal = Refusal.overLimit("p", USER, Long.MAX_VALUE, Long.MAX_VALUE, 5);
    assertThat(refusal.explain().toString()).doesNotContainPattern("-[0-9]");
    assertThat(Refusal.overLimit("p", USER, 1, -3, Long.MAX_VALUE).fittingPages()).isZero();
  }
}
