package dev.bts.kernel.sys;

/** Constants of shmget(2) and shmctl(2), and the layout of struct shmid64_ds. */
public final class SystemV {
  /** IPC_PRIVATE: a segment without a key. */
  public static final int IPC_PRIVATE = 0;

  /** IPC_CREAT. */
  public static final int IPC_CREAT = 0x200;

  /** IPC_EXCL. */
  public static final int IPC_EXCL = 0x400;

  /** Permission for the owner to read, write and execute. */
  public static final int OWNER_ONLY = 0x1c0;

  /** SHM_RDONLY: attach to read. */
  public static final int SHM_RDONLY = 0x1000;

  /** SHM_EXEC: attach to execute. */
  public static final int SHM_EXEC = 0x8000;

  /** SHM_REMAP: attach in the place of what is mapped there. */
  public static final int SHM_REMAP = 0x4000;

  /** IPC_RMID: the segment goes with its last attachment. */
  public static final int IPC_RMID = 0;

  /** IPC_STAT. */
  public static final int IPC_STAT = 2;

  /** SHM_LOCK: charge the caller's user for the segment; ENOMEM over RLIMIT_MEMLOCK, EPERM at 0. */
  public static final int SHM_LOCK = 11;

  /** SHM_UNLOCK. */
  public static final int SHM_UNLOCK = 12;

  /** The size of struct shmid64_ds. */
  public static final int SHMID_BYTES = 112;

  /** The offset of shm_perm.mode in struct shmid64_ds. */
  public static final int MODE_OFFSET = 20;

  /** SHM_LOCKED, a bit of the mode. */
  public static final int SHM_LOCKED = 0x400;

  private SystemV() {}
}
