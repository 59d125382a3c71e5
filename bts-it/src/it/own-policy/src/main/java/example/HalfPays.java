package example;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Refusal;
import java.util.List;

/** The tracer pays, but only from one half of its RLIMIT_MEMLOCK. */
public final class HalfPays implements ChargingPolicy {
  @Override
  public String name() {
    return "half";
  }

  @Override
  public ChargePlan plan(ChargeRequest request, AccountView view) {
    Account locked = Account.lockedVm(request.tracer().mm());
    Account total = Account.totalVm(request.tracer().mm());
    long half = view.limitPages(locked, request.tracer()) / 2;
    long used = view.usedPages(locked);
    if (request.pages() > half - used) {
      return new ChargePlan.Refused(Refusal.overLimit(name(), locked, request.pages(), used, half));
    }
    return new ChargePlan.Admitted(
        List.of(new Charge(total, request.pages()), new Charge(locked, request.pages())), "");
  }
}
