package dev.bts.kernel.sys;

/** Constants of personality(2) ({@code linux/personality.h}). */
public final class Personality {
  /** The argument that asks for the present personality and changes nothing. */
  public static final long QUERY = 0xffffffffL;

  /** ADDR_NO_RANDOMIZE: programs executed from now on are laid out without randomisation. */
  public static final long ADDR_NO_RANDOMIZE = 0x0040000;

  private Personality() {}
}
