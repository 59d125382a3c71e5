package dev.bts.kernel.sys;

/** Constants of socketpair(2) and sendto(2) ({@code linux/socket.h}). */
public final class Sockets {
  /** AF_UNIX. */
  public static final int AF_UNIX = 1;

  /** SOCK_STREAM. */
  public static final int SOCK_STREAM = 1;

  /** SOCK_CLOEXEC. */
  public static final int SOCK_CLOEXEC = 0x80000;

  /** MSG_NOSIGNAL: EPIPE without SIGPIPE. */
  public static final int MSG_NOSIGNAL = 0x4000;

  /** The size of the pair of int that socketpair(2) fills. */
  public static final int PAIR_BYTES = 8;

  private Sockets() {}
}
