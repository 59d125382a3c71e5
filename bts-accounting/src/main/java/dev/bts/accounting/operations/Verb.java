package dev.bts.accounting.operations;

import static dev.bts.accounting.operations.Operand.AREA;
import static dev.bts.accounting.operations.Operand.DESCRIPTOR;
import static dev.bts.accounting.operations.Operand.FLAGS;
import static dev.bts.accounting.operations.Operand.NEW_PROCESS;
import static dev.bts.accounting.operations.Operand.OFFSET;
import static dev.bts.accounting.operations.Operand.PAGES;
import static dev.bts.accounting.operations.Operand.PROCESS;
import static dev.bts.accounting.operations.Operand.SEGMENT;
import static dev.bts.accounting.operations.Operand.USER;
import static dev.bts.accounting.operations.Operand.USER_OR_KEEP;

import java.util.List;

/**
 * The operations, each one system call, or one event of a process's life. The first operand is who
 * does it, except for {@link #START} and {@link #REAP}.
 */
public enum Verb {
  /** A new process with the first user as real and effective, the second as saved user. */
  START("start", NEW_PROCESS, USER, USER),
  /** fork(2). */
  FORK("fork", PROCESS, NEW_PROCESS),
  /** clone(2) with CLONE_VM: a process of its own in the same address space, as after vfork(2). */
  SHARE("share", PROCESS, NEW_PROCESS),
  /** clone(2) with CLONE_THREAD: a thread of the same process. */
  THREAD("thread", PROCESS, NEW_PROCESS),
  /** execve(2) of the program that the process already executes, by the first thread. */
  EXEC("exec", PROCESS),
  /** exit_group(2). */
  EXIT("exit", PROCESS),
  /** kill(2) with SIGKILL. */
  KILL("kill", PROCESS, PROCESS),
  /** wait4(2) for a zombie by its parent. */
  REAP("reap", PROCESS),
  /** perf_event_open(2) of an event that counts nothing; flag 1: close on exec. */
  PERF_OPEN("perf-open", PROCESS, DESCRIPTOR, FLAGS),
  /** mmap(2) of a perf event's ring, one page of management included. */
  PERF_MMAP("perf-mmap", PROCESS, DESCRIPTOR, AREA, PAGES),
  /** io_uring_setup(2) with four entries; closed on exec. */
  URING_SETUP("uring-setup", PROCESS, DESCRIPTOR),
  /** dup2(2). */
  DUP("dup", PROCESS, DESCRIPTOR, DESCRIPTOR),
  /** close(2). */
  CLOSE("close", PROCESS, DESCRIPTOR),
  /** SCM_RIGHTS: sends a descriptor to another process, which has it under the last name. */
  PASS("pass", PROCESS, DESCRIPTOR, PROCESS, DESCRIPTOR),
  /** mmap(2), private and anonymous; flag 1: MAP_LOCKED. */
  MMAP("mmap", PROCESS, AREA, PAGES, FLAGS),
  /** munmap(2) of pages of an area. */
  MUNMAP("munmap", PROCESS, AREA, OFFSET, PAGES),
  /** mremap(2): grows what is mapped last in an area by so many pages, in place. */
  MREMAP("mremap", PROCESS, AREA, PAGES),
  /** mlock2(2) of pages of an area; flag 1: MLOCK_ONFAULT. */
  MLOCK("mlock", PROCESS, AREA, OFFSET, PAGES, FLAGS),
  /** munlock(2) of pages of an area. */
  MUNLOCK("munlock", PROCESS, AREA, OFFSET, PAGES),
  /** mlockall(2) with MCL_CURRENT 1, MCL_FUTURE 2, MCL_ONFAULT 4. */
  MLOCKALL("mlockall", PROCESS, FLAGS),
  /** munlockall(2). */
  MUNLOCKALL("munlockall", PROCESS),
  /** shmget(2) of a new private segment. */
  SHMGET("shmget", PROCESS, SEGMENT, PAGES),
  /** shmat(2). */
  SHMAT("shmat", PROCESS, SEGMENT, AREA),
  /** shmdt(2) of the area. */
  SHMDT("shmdt", PROCESS, AREA),
  /** shmctl(2) with SHM_LOCK. */
  SHM_LOCK("shm-lock", PROCESS, SEGMENT),
  /** shmctl(2) with SHM_UNLOCK. */
  SHM_UNLOCK("shm-unlock", PROCESS, SEGMENT),
  /** shmctl(2) with IPC_RMID. */
  SHM_REMOVE("shm-rmid", PROCESS, SEGMENT),
  /** prlimit(2): the first sets the soft RLIMIT_MEMLOCK of the second. */
  PRLIMIT("prlimit", PROCESS, PROCESS, PAGES),
  /** setresuid(2): real, effective and saved user. */
  SETRESUID("setresuid", PROCESS, USER_OR_KEEP, USER_OR_KEEP, USER_OR_KEEP),
  /** unshare(2) with CLONE_NEWUSER. */
  UNSHARE_USER("unshare-user", PROCESS);

  private final String text;

  @SuppressWarnings("ImmutableEnumChecker") // List.of cannot be changed.
  private final List<Operand> operands;

  Verb(String text, Operand... operands) {
    this.text = text;
    this.operands = List.of(operands);
  }

  /** Returns the word of the language. */
  public String text() {
    return text;
  }

  /** Returns what stands behind it. */
  public List<Operand> operands() {
    return operands;
  }

  static Verb parse(String word) {
    for (Verb verb : values()) {
      if (verb.text.equals(word)) {
        return verb;
      }
    }
    throw new IllegalArgumentException("'" + word + "' is no operation");
  }
}
