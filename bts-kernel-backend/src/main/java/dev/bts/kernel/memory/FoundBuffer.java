package dev.bts.kernel.memory;

import dev.bts.api.LiveBuffer;
import dev.bts.api.LiveBuffer.Owner;
import dev.bts.api.TargetException;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.kernel.sys.RobustList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A buffer that was found from outside, and what can be known of it.
 *
 * <p>Its content is what a tracee wants it to be. What the kernel says comes first: who has it
 * mapped, what is locked, who traces whom. The header and the liveness word come second, and where
 * they contradict the kernel, that is said.
 */
final class FoundBuffer {
  private final List<BufferHolder> holders;
  private final BufferHolder payer;
  private final OptionalLong locked;
  private final List<String> remarks = new ArrayList<>();
  private final @Nullable BufferHeader header;
  private Owner owner = Owner.UNKNOWN;
  private String ownerReason = "";

  /** Looks at a buffer by those who have it mapped, at least one. */
  FoundBuffer(List<BufferHolder> holders) {
    this.holders = List.copyOf(holders);
    byte[] content = content(holders);
    header = content == null ? null : BufferHeader.read(content).orElse(null);
    payer = payer();
    locked = locked();
    judgeOwner(content);
    compare();
  }

  private static byte @Nullable [] content(List<BufferHolder> holders) {
    for (BufferHolder holder : holders) {
      byte[] content = holder.header();
      if (content != null) {
        return content;
      }
    }
    return null;
  }

  /** The process that has most of it locked; where nobody has, rather not the one that owns it. */
  private BufferHolder payer() {
    int ownerPid = header == null ? 0 : header.ownerPid();
    return holders.stream()
        .max(
            Comparator.comparingLong(BufferHolder::lockedPages)
                .thenComparing(holder -> holder.pid() != ownerPid))
        .orElseThrow();
  }

  private boolean isUsers() {
    return payer.place().equals("user");
  }

  private boolean isGroups() {
    return payer.place().equals("cgroup");
  }

  private OptionalLong locked() {
    if (!isUsers()) {
      return OptionalLong.of(payer.lockedPages());
    }
    int self = (int) ProcessHandle.current().pid();
    if (BufferHeader.namespace(payer.pid(), "ns/ipc") != BufferHeader.namespace(self, "ns/ipc")) {
      return OptionalLong.empty();
    }
    return UserMemory.isLocked((int) payer.pieces().get(0).inode())
        .map(yes -> OptionalLong.of(yes ? pages() : 0))
        .orElse(OptionalLong.empty());
  }

  private long pages() {
    return holders.stream().mapToLong(BufferHolder::pages).max().orElse(0);
  }

  private void judgeOwner(byte @Nullable [] content) {
    BufferHolder traced = tracedByHolder();
    int word = content == null ? 0 : BufferHeader.liveness(content);
    if (traced != null) {
      judge(
          Owner.ALIVE,
          "process " + traced.tracerPid() + " has it mapped and traces process " + traced.pid());
    } else if (content == null) {
      judge(
          Owner.UNKNOWN,
          "the memory of process " + payer.pid() + " cannot be read; its owner or root may");
    } else if (header == null) {
      judge(Owner.UNKNOWN, "its first bytes are not what this bts writes there");
    } else if ((word & RobustList.OWNER_DIED) != 0 && !payer.isMappedAsByBts()) {
      judge(
          Owner.UNKNOWN,
          "process "
              + payer.pid()
              + " has it not mapped as bts maps buffers: another one may have passed it to it");
    } else if ((word & RobustList.OWNER_DIED) != 0) {
      judge(Owner.DEAD, "the kernel has marked the end of the thread that owned it");
    } else if ((word & RobustList.TID_MASK) != 0) {
      judge(Owner.ALIVE, "thread " + (word & RobustList.TID_MASK) + " owns it");
      if (payer.place().equals("tracee") && payer.tracerPid() == 0) {
        remarks.add(
            "nobody who is visible here traces process "
                + payer.pid()
                + ": the owner lives in another pid namespace, or the process has overwritten the"
                + " mark");
      }
    } else {
      judge(Owner.UNKNOWN, "no thread has taken it");
    }
    if (traced != null && header == null) {
      remarks.add("its first bytes are not what this bts writes there");
    } else if (traced != null && (word & RobustList.OWNER_DIED) != 0) {
      remarks.add("its mark says that the owner is dead, which is not so");
    }
  }

  private void judge(Owner verdict, String reason) {
    owner = verdict;
    ownerReason = reason;
  }

  /** Returns a holder that another holder traces: the owner, whatever the buffer's bytes say. */
  private @Nullable BufferHolder tracedByHolder() {
    for (BufferHolder holder : holders) {
      int tracer = holder.tracerPid();
      if (tracer != 0 && holders.stream().anyMatch(other -> other.pid() == tracer)) {
        return holder;
      }
    }
    return null;
  }

  private void compare() {
    if (!isGroups() && locked.isPresent() && locked.getAsLong() < pages()) {
      remarks.add(locked.getAsLong() + " of " + pages() + " pages are locked");
    }
    if (header == null) {
      return;
    }
    if (!header.hasPages(pages())) {
      remarks.add("the header claims " + header.bytes() + " bytes");
    }
    if (!header.policy().equals(payer.place())) {
      remarks.add("the header names the policy '" + header.policy() + "', which proves nothing");
    }
    if (header.recordFormat() == BufferHeader.TRANSLATION) {
      remarks.add("it holds translated code, or what belongs to it");
    } else if (header.recordFormat() != BufferHeader.BTS24) {
      remarks.add("the header names the unknown record format " + header.recordFormat());
    }
  }

  private Optional<AccountOwner> accountOwner() {
    if (!isGroups() && locked.isPresent() && locked.getAsLong() == 0) {
      return Optional.empty();
    }
    try {
      TaskIdentity task = KernelTasks.identify(payer.pid());
      return Optional.of(isUsers() ? new AccountOwner.User(task.principal()) : task.mm());
    } catch (TargetException goneOrHidden) {
      return Optional.empty();
    }
  }

  /** Returns whether its owner is dead. */
  boolean isOrphan() {
    return owner == Owner.DEAD;
  }

  /** Returns whether it is for records, as far as its header says. */
  boolean isForRecords() {
    return header == null || header.recordFormat() == BufferHeader.BTS24;
  }

  /** Returns the policy that the header names, or else the kind of its memory. */
  String policy() {
    return header == null ? payer.place() : header.policy();
  }

  /** Returns it for others. */
  LiveBuffer describe() {
    return new LiveBuffer(
        payer.pid(),
        payer.place(),
        pages(),
        locked,
        accountOwner(),
        owner,
        ownerReason,
        header == null ? 0 : header.ownerPid(),
        holders.stream().map(BufferHolder::pid).toList(),
        remarks);
  }
}
