package dev.bts.accounting.buffers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.accounting.TraceePays;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.Explanation;
import dev.bts.api.KernelException;
import dev.bts.api.OnRefusal;
import dev.bts.api.Overflow;
import dev.bts.api.SessionStateException;
import dev.bts.api.TraceRequest;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.Principal;
import dev.bts.api.charging.Receipt;
import dev.bts.api.charging.Refusal;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.api.contract.RecordingSink;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.StreamLog;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tracees here are pids, each with an address space that pays for itself. */
class BufferAssignmentTest {
  private static final long PAGE = 4096;

  /** Memory that is overwritten when it is released, so that whoever reads it then is found out. */
  private static final class Pages implements PageSupply<Integer> {
    private final Set<Integer> refused = new HashSet<>();
    private final List<Receipt> live = new ArrayList<>();
    private final Set<Integer> killed = new HashSet<>();
    private final Set<Integer> waiting = new HashSet<>();
    private boolean releaseFails;
    private long receipts;
    private int checks;
    private long now;
    private long checkNanos;

    @Override
    public boolean isReachable(Integer pid) {
      return !waiting.contains(pid);
    }

    @Override
    public TaskIdentity tracer() {
      return identify(1);
    }

    @Override
    public TaskIdentity identify(Integer pid) {
      return new TaskIdentity(memoryOf(pid), new Principal(0, 7), new AccountOwner.Group("/"));
    }

    @Override
    public int tid(Integer pid) {
      return pid;
    }

    @Override
    public ChargedPages charge(Integer pid, long pages) {
      if (killed.contains(pid)) {
        waiting.add(pid);
        throw new KernelException(new Explanation("mmap", "it is killed", "none"), 3);
      }
      if (refused.contains(pid)) {
        throw new ChargeRefusedException(Refusal.because("test", pages, "it is poor", "none"));
      }
      List<Charge> charges =
          List.of(
              new Charge(Account.totalVm(memoryOf(pid)), pages),
              new Charge(Account.lockedVm(memoryOf(pid)), pages));
      Receipt receipt = new Receipt(++receipts, "test", "buffer of " + pid, pages, charges, "");
      ByteBuffer bytes = ByteBuffer.allocate((int) (pages * PAGE));
      live.add(receipt);
      return new ChargedPages() {
        @Override
        public ByteBuffer bytes() {
          return bytes;
        }

        @Override
        public Receipt receipt() {
          return receipt;
        }

        @Override
        public void verify() {
          checks++;
          now += checkNanos;
        }

        @Override
        public void release() {
          live.remove(receipt);
          Arrays.fill(bytes.array(), (byte) -1);
          if (releaseFails) {
            throw new KernelException(new Explanation("unmap", "test", "none"), 22);
          }
        }
      };
    }
  }

  private static AccountOwner.AddressSpace memoryOf(int pid) {
    return new AccountOwner.AddressSpace(pid, 0);
  }

  private final Pages pages = new Pages();
  private final StreamLog log = new StreamLog(() -> 0);
  private final RecordingSink sink = new RecordingSink();

  private BufferAssignment<Integer> assignment(OnRefusal onRefusal, int first) {
    TraceRequest request =
        TraceRequest.command("x").buffer(PAGE, Overflow.WRAP).onRefusal(onRefusal).build();
    BufferAssignment<Integer> buffers =
        new BufferAssignment<>(pages, new TraceePays(), request, log, () -> pages.now);
    buffers.add(first);
    buffers.allocate(PAGE);
    return buffers;
  }

  private static void join(BufferAssignment<Integer> buffers, int pid, Integer parent) {
    buffers.add(pid);
    buffers.assign(pid, parent);
  }

  /** Records a branch whose addresses are its number. */
  private static void branch(BufferAssignment<Integer> buffers, int pid, long number) {
    buffers.branched(pid, number, number, 0, pid);
  }

  private List<Long> drained() {
    log.drainTo(sink);
    return sink.branches().stream().map(record -> record.from()).toList();
  }

  @Test
  void whoSharedTheBufferOfAPayerThatLeavesIsAssignedAnotherOne() {
    BufferAssignment<Integer> buffers = assignment(OnRefusal.SHARE, 10);
    pages.refused.add(11);
    join(buffers, 11, 10);
    join(buffers, 12, 10);
    assertThat(pages.live).hasSize(2);
    branch(buffers, 10, 1);
    branch(buffers, 11, 2);
    branch(buffers, 12, 3);
    buffers.remove(10);
    buffers.payerLeaves(memoryOf(10));
    branch(buffers, 11, 4);
    pages.refused.clear();
    buffers.assignIfBereft(12);
    assertThat(pages.live).hasSize(1);
    buffers.assignIfBereft(11);
    assertThat(pages.live).hasSize(2);
    branch(buffers, 11, 5);
    assertThat(log.lost()).isZero();
    assertThat(drained()).containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(buffers.chargedPages()).isEqualTo(2);
  }

  @Test
  void withoutAnotherBufferBranchesAreLostWhereTheyAreMissing() {
    BufferAssignment<Integer> buffers = assignment(OnRefusal.SHARE, 10);
    pages.refused.add(11);
    join(buffers, 11, 10);
    branch(buffers, 11, 1);
    buffers.remove(10);
    buffers.payerLeaves(memoryOf(10));
    branch(buffers, 11, 2);
    buffers.assignBereft();
    branch(buffers, 11, 3);
    assertThat(log.lost()).isEqualTo(2);
    assertThat(drained()).containsExactly(1L);
    assertThat(sink.lost()).isEqualTo(2);
    assertThat(sink.events(SideEvent.Lost.class).toString()).contains("is gone", "it is poor");
  }

  @Test
  void allBuffersAreReleasedAndReadableEvenIfTheKernelObjects() {
    BufferAssignment<Integer> buffers = assignment(OnRefusal.FAIL, 10);
    join(buffers, 11, 10);
    branch(buffers, 10, 1);
    branch(buffers, 11, 2);
    branch(buffers, 10, 3);
    pages.releaseFails = true;
    assertThatThrownBy(buffers::releaseAll).isInstanceOf(KernelException.class);
    assertThat(pages.live).isEmpty();
    assertThat(buffers.chargedPages()).isZero();
    assertThat(buffers.branched(10, 4, 4, 0, 10)).isFalse();
    assertThat(drained()).containsExactly(1L, 2L, 3L);
    assertThat(sink.events(SideEvent.Refunded.class)).hasSize(2);
  }

  @Test
  void aResizeThatOnePayerRefusesLeavesAllBuffersAsTheyWere() {
    BufferAssignment<Integer> buffers = assignment(OnRefusal.FAIL, 10);
    join(buffers, 11, 10);
    branch(buffers, 10, 1);
    branch(buffers, 11, 2);
    pages.refused.add(11);
    List<Receipt> before = List.copyOf(pages.live);
    assertThatThrownBy(() -> buffers.resize(2)).isInstanceOf(ChargeRefusedException.class);
    assertThat(pages.live).isEqualTo(before);
    branch(buffers, 11, 3);
    assertThat(drained()).containsExactly(1L, 2L, 3L);
    assertThat(buffers.bufferBytes()).isEqualTo(PAGE);
    assertThat(buffers.failure()).isNull();
  }

  @Test
  void aPayerThatCannotMakeCallsIsNotAskedForAnotherSize() {
    BufferAssignment<Integer> buffers = assignment(OnRefusal.FAIL, 10);
    branch(buffers, 10, 1);
    pages.waiting.add(10);
    for (int size : new int[] {0, 2}) {
      assertThatThrownBy(() -> buffers.resize(size))
          .isInstanceOf(SessionStateException.class)
          .hasMessageContaining("waits in vfork", "try again");
    }
    assertThat(drained()).containsExactly(1L);
    assertThat(buffers.chargedPages()).isEqualTo(1);
    pages.waiting.clear();
    buffers.resize(2);
    assertThat(buffers.chargedPages()).isEqualTo(2);
  }

  @Test
  void aPayerThatCannotMakeCallsIsAskedWhenItGoesOn() {
    BufferAssignment<Integer> buffers = assignment(OnRefusal.FAIL, 10);
    buffers.resize(0);
    pages.waiting.add(10);
    buffers.resize(1);
    branch(buffers, 10, 1);
    assertThat(pages.live).isEmpty();
    pages.waiting.clear();
    buffers.assignIfBereft(10);
    branch(buffers, 10, 2);
    assertThat(drained()).containsExactly(2L);
    assertThat(sink.lost()).isEqualTo(1);
    assertThat(buffers.failure()).isNull();
  }

  @Test
  void aTraceeThatIsKilledWhileItIsChargedIsNoFailureOfTheSession() {
    BufferAssignment<Integer> buffers = assignment(OnRefusal.FAIL, 10);
    pages.killed.add(11);
    join(buffers, 11, 10);
    branch(buffers, 11, 1);
    assertThat(buffers.failure()).isNull();
    assertThat(log.lost()).isEqualTo(1);
    assertThat(pages.live).hasSize(1);
  }

  @Test
  void chargesAreCheckedAtResizeAtRefundAndInAHundredthOfTheTimeBetween() {
    BufferAssignment<Integer> buffers = assignment(OnRefusal.FAIL, 10);
    buffers.resize(2);
    assertThat(pages.checks).as("at resize, and at the refund of the old buffer").isEqualTo(2);
    pages.checkNanos = 7;
    buffers.verifyIfDue();
    assertThat(pages.checks).isEqualTo(3);
    pages.now += 699;
    buffers.verifyIfDue();
    assertThat(pages.checks).isEqualTo(3);
    pages.now += 1;
    buffers.verifyIfDue();
    assertThat(pages.checks).isEqualTo(4);
    buffers.verify(memoryOf(11));
    assertThat(pages.checks).isEqualTo(4);
    buffers.verify(memoryOf(10));
    assertThat(pages.checks).isEqualTo(5);
    buffers.releaseAll();
    assertThat(pages.checks).isEqualTo(6);
  }

  @Test
  void onlySoManyBuffersOfThoseWhoLeftAreKeptAndTheRestIsLost() {
    BufferAssignment<Integer> buffers = assignment(OnRefusal.FAIL, 100);
    for (int pid = 1; pid <= 20; pid++) {
      join(buffers, pid, 100);
      branch(buffers, pid, pid);
      buffers.remove(pid);
      buffers.payerLeaves(memoryOf(pid));
    }
    assertThat(log.lost()).isEqualTo(12);
    assertThat(drained()).containsExactly(13L, 14L, 15L, 16L, 17L, 18L, 19L, 20L);
    assertThat(sink.lost()).isEqualTo(12);
    assertThat(pages.live).hasSize(1);
  }
}
