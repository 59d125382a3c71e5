package example;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import java.util.List;

/** The tracer pays, whatever its limit: a mistake, to show how a check finds it. */
public final class LimitlessPays implements ChargingPolicy {
  @Override
  public String name() {
    return "limitless";
  }

  @Override
  public ChargePlan plan(ChargeRequest request, AccountView view) {
    Account locked = Account.lockedVm(request.tracer().mm());
    return new ChargePlan.Admitted(List.of(new Charge(locked, request.pages())), "");
  }
}
