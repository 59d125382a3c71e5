package dev.bts.kernel.sys;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Constants of socketpair(2) and sendto(2) ({@code linux/socket.h}), and the layout of a message
 * that passes one descriptor: msghdr, iovec, one byte of data, cmsghdr and the descriptor.
 */
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

  /** MSG_CMSG_CLOEXEC: a descriptor that is received is marked close-on-exec. */
  public static final int MSG_CMSG_CLOEXEC = 0x40000000;

  /** The size of a message that passes a descriptor. */
  public static final int RIGHTS_BYTES = 104;

  /** The offset of the byte of data in it. */
  public static final int RIGHTS_DATA_OFFSET = 72;

  /** The offset of msg_controllen, which recvmsg(2) sets to what it received. */
  public static final int RIGHTS_CONTROL_LENGTH_OFFSET = 40;

  /** The offset of the descriptor in it. */
  public static final int RIGHTS_DESCRIPTOR_OFFSET = 96;

  private static final int VECTOR_OFFSET = 56;
  private static final int CONTROL_OFFSET = 80;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;

  private Sockets() {}

  /** Returns a message that passes a descriptor, for memory at this address. */
  public static byte[] rights(long address, int descriptor) {
    ByteBuffer message = ByteBuffer.allocate(RIGHTS_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    message.putLong(2 * Long.BYTES, address + VECTOR_OFFSET);
    message.putLong(3 * Long.BYTES, 1);
    message.putLong(4 * Long.BYTES, address + CONTROL_OFFSET);
    message.putLong(RIGHTS_CONTROL_LENGTH_OFFSET, RIGHTS_BYTES - CONTROL_OFFSET);
    message.putLong(VECTOR_OFFSET, address + RIGHTS_DATA_OFFSET);
    message.putLong(VECTOR_OFFSET + Long.BYTES, 1);
    message.putLong(CONTROL_OFFSET, RIGHTS_DESCRIPTOR_OFFSET + Integer.BYTES - CONTROL_OFFSET);
    message.putInt(CONTROL_OFFSET + Long.BYTES, SOL_SOCKET);
    message.putInt(CONTROL_OFFSET + Long.BYTES + Integer.BYTES, SCM_RIGHTS);
    message.putInt(RIGHTS_DESCRIPTOR_OFFSET, descriptor);
    return message.array();
  }
}
