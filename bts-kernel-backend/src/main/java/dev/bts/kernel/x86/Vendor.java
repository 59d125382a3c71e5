package dev.bts.kernel.x86;

import dev.bts.api.Explanation;
import dev.bts.api.KernelException;
import dev.bts.kernel.sys.ProcFile;
import java.util.List;
import java.util.Map;

/**
 * The family of processors whose reading of an ambiguous encoding applies.
 *
 * <p>In 64-bit mode the two families differ in one thing that matters here: a near branch (jcc,
 * jmp, call, ret, loop, jrcxz) with an operand-size prefix 66h and without REX.W. AMD gives it a
 * 16-bit operand: rel32 shrinks to rel16 and, if the branch is taken, the target is cut to 16 bits
 * (APM volume 3, "Near Branches in 64-Bit Mode"; confirmed on a Zen 4 by running every form). Intel
 * ignores the prefix (SDM volume 2A, chapter 2.2.1.8 and the pages of JMP and CALL). XBEGIN has a
 * rel16 form with both.
 */
public enum Vendor {
  /** AMD, and Hygon, which builds on it. */
  AMD,
  /** Intel, and the makers that follow its manual. */
  INTEL;

  private static final String FIELD = "vendor_id";

  private static final Map<String, Vendor> BY_IDENTIFIER =
      Map.of(
          "AuthenticAMD", AMD,
          "HygonGenuine", AMD,
          "GenuineIntel", INTEL,
          "CentaurHauls", INTEL,
          "Shanghai", INTEL);

  /**
   * Returns the vendor of the processor this runs on, as /proc/cpuinfo names it.
   *
   * @throws KernelException if the file names no vendor or one that is not known
   */
  public static Vendor ofThisMachine() {
    return ofCpuInfo(ProcFile.lines("/proc/cpuinfo"));
  }

  /** Returns the vendor that the lines of /proc/cpuinfo name. */
  static Vendor ofCpuInfo(List<String> lines) {
    String found = "no " + FIELD;
    for (String line : lines) {
      int colon = line.indexOf(':');
      if (colon >= 0 && line.substring(0, colon).strip().equals(FIELD)) {
        String identifier = line.substring(colon + 1).strip();
        Vendor vendor = BY_IDENTIFIER.get(identifier);
        if (vendor != null) {
          return vendor;
        }
        found = FIELD + " " + identifier;
      }
    }
    throw new KernelException(
        new Explanation(
            "which processor's manual the code is to be read by",
            "/proc/cpuinfo has " + found + ", which is neither AMD nor Intel",
            "create the decoder with the vendor it is compatible with"),
        0);
  }

  /** Returns whether a prefix 66h makes near branches 16 bits wide. */
  boolean narrowsBranches() {
    return this == AMD;
  }
}
