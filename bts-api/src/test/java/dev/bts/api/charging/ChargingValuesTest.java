package dev.bts.api.charging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChargingValuesTest {
  private static final AccountOwner.AddressSpace MM = new AccountOwner.AddressSpace(5, 1);
  private static final TaskIdentity TASK =
      new TaskIdentity(MM, new Principal(1, 0), new AccountOwner.Group("/"));

  @Test
  void aReceiptHasThePagesOfTheBufferAndNotTheSumOfItsAccounts() {
    Receipt receipt =
        new Receipt(
            1,
            "tracee",
            "b",
            4,
            List.of(new Charge(Account.totalVm(MM), 4), new Charge(Account.lockedVm(MM), 4)),
            "");
    assertThat(receipt.pages()).isEqualTo(4);
  }

  @Test
  void aReceiptCannotBeChangedThroughTheListItWasMadeFrom() {
    List<Charge> charges = new ArrayList<>(List.of(new Charge(Account.lockedVm(MM), 1)));
    Receipt receipt = new Receipt(1, "p", "b", 1, charges, "");
    charges.clear();
    assertThat(receipt.charges()).hasSize(1);
  }

  @Test
  void negativePagesAreNoChargeAndNoRequest() {
    assertThatThrownBy(() -> new Charge(Account.lockedVm(MM), -1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new ChargeRequest(TASK, TASK, -1, false))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aPlanChargesAnAccountOnce() {
    Charge charge = new Charge(Account.lockedVm(MM), 1);
    assertThatThrownBy(() -> new ChargePlan.Admitted(List.of(charge, charge), ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("one charge per account");
  }

  @Test
  void accountsOfTwoAddressSpacesOfOnePidDiffer() {
    assertThat(Account.lockedVm(MM))
        .isNotEqualTo(Account.lockedVm(new AccountOwner.AddressSpace(5, 2)));
    assertThat(Account.lockedVm(MM)).hasToString("locked_vm of pid 5");
  }

  @Test
  void aUidIsPrintedUnsigned() {
    assertThat(new Principal(1, -2)).hasToString("uid 4294967294");
  }
}
