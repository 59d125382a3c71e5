package dev.bts.kernel;

import dev.bts.api.Mechanism;
import dev.bts.api.probe.ProbeReport.Finding;
import dev.bts.kernel.helper.HelperProcess;
import dev.bts.kernel.perf.PerfEventAttr;
import dev.bts.kernel.perf.SampleType;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.Sys;
import dev.bts.kernel.x86.Vendor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The measurement of branch tracing by the PMU: a helper process opens the event that a recording
 * would need, and the kernel's answer says what stands in the way.
 */
final class PmuProbe {
  private static final String EVENT_SOURCES = "/sys/bus/event_source/devices/";

  /** One sample for so many branches: nothing is recorded while the event is disabled. */
  private static final long PERIOD = 1_000_003;

  private static final String INSTEAD = "use software-bts";

  private PmuProbe() {}

  /**
   * What decides how an answer of the kernel is to be understood.
   *
   * @param paranoid kernel.perf_event_paranoid, as text
   * @param virtual whether the processor says that a hypervisor runs it
   * @param filtered whether this process is confined by seccomp
   */
  record Circumstances(String paranoid, boolean virtual, boolean filtered) {
    static Circumstances present() {
      return new Circumstances(
          ProcFile.lines("/proc/sys/kernel/perf_event_paranoid").stream()
              .findFirst()
              .orElse("absent"),
          ProcFile.lines("/proc/cpuinfo").stream()
              .anyMatch(line -> line.startsWith("flags") && line.contains(" hypervisor")),
          ProcFile.statusField((int) ProcessHandle.current().pid(), "Seccomp")
              .filter(mode -> !mode.equals("0"))
              .isPresent());
    }
  }

  /** Tries branch stacks. */
  static Finding branchStacks() {
    ByteBuffer attr = userSpaceEvent();
    attr.putInt(PerfEventAttr.TYPE_OFFSET, PerfEventAttr.TYPE_HARDWARE);
    attr.putLong(PerfEventAttr.CONFIG_OFFSET, PerfEventAttr.CONFIG_HARDWARE_BRANCHES);
    attr.putLong(PerfEventAttr.SAMPLE_PERIOD_OFFSET, PERIOD);
    attr.putLong(PerfEventAttr.SAMPLE_TYPE_OFFSET, SampleType.BRANCH_STACK);
    attr.putLong(
        PerfEventAttr.BRANCH_SAMPLE_TYPE_OFFSET, SampleType.BRANCH_USER | SampleType.BRANCH_ANY);
    return finding(
        Mechanism.LBR,
        "opening an event of branches with branch stacks",
        open(attr),
        Circumstances.present(),
        "perf record -b");
  }

  /** Tries the PMU intel_bts. */
  static Finding branchTraceStore() {
    String file = EVENT_SOURCES + "intel_bts/type";
    String type = ProcFile.lines(file).stream().findFirst().orElse("");
    if (type.isEmpty() && Vendor.ofThisMachine() != Vendor.INTEL) {
      return new Finding(
          Mechanism.INTEL_BTS.label(),
          false,
          "reading " + file + ": " + Errno.name(Errno.ENOENT),
          "the Branch Trace Store is Intel's, and this processor is of " + Vendor.ofThisMachine(),
          INSTEAD);
    }
    if (type.isEmpty()) {
      return finding(
          Mechanism.INTEL_BTS,
          "reading " + file,
          -Errno.ENOENT,
          Circumstances.present(),
          "perf record -e intel_bts//u");
    }
    ByteBuffer attr = userSpaceEvent();
    attr.putInt(PerfEventAttr.TYPE_OFFSET, Integer.parseInt(type.trim()));
    return finding(
        Mechanism.INTEL_BTS,
        "opening an event of intel_bts, type " + type.trim(),
        open(attr),
        Circumstances.present(),
        "perf record -e intel_bts//u");
  }

  /**
   * Says what an answer means.
   *
   * @param result a descriptor, or an errno negated
   * @param recording how perf would record it
   */
  static Finding finding(
      Mechanism mechanism,
      String tried,
      long result,
      Circumstances circumstances,
      String recording) {
    if (!Errno.isError(result)) {
      return new Finding(
          mechanism.label(),
          false,
          tried + " succeeds",
          "this version of bts has no session for it",
          "'" + recording + "', and then 'bts import', or " + INSTEAD);
    }
    int errno = (int) -result;
    String measured = tried + ": " + Errno.name(errno);
    return switch (errno) {
      case Errno.ENOENT, Errno.ENODEV, Errno.EOPNOTSUPP ->
          circumstances.virtual
              ? new Finding(
                  mechanism.label(),
                  false,
                  measured,
                  "there is no such PMU; the processor is virtual, and its hypervisor may hide it",
                  INSTEAD + ", or give the virtual machine the PMU (KVM: -cpu host,pmu=on)")
              : new Finding(
                  mechanism.label(), false, measured, "the processor has no such PMU", INSTEAD);
      case Errno.EACCES ->
          new Finding(
              mechanism.label(),
              false,
              measured,
              "kernel.perf_event_paranoid is "
                  + circumstances.paranoid
                  + ", and this process lacks CAP_PERFMON",
              "set kernel.perf_event_paranoid to 2 or lower, or run as root; or " + INSTEAD);
      case Errno.EPERM ->
          new Finding(
              mechanism.label(),
              false,
              measured,
              circumstances.filtered
                  ? "this process is confined by seccomp, as in a container"
                  : "a security module, or kernel.perf_event_paranoid, which is "
                      + circumstances.paranoid
                      + ", forbids it",
              (circumstances.filtered
                      ? "allow perf_event_open in the profile of the container"
                      : "allow it there, or set kernel.perf_event_paranoid to 2 or lower")
                  + "; or "
                  + INSTEAD);
      case Errno.EBUSY ->
          new Finding(
              mechanism.label(),
              false,
              measured,
              "somebody else uses it: BTS and Intel PT exclude each other, and serve one at a time",
              "end the other recording; or " + INSTEAD);
      case Errno.ENOSYS ->
          new Finding(
              mechanism.label(),
              false,
              measured,
              "the kernel has no perf events",
              "use a kernel with CONFIG_PERF_EVENTS; or " + INSTEAD);
      default ->
          new Finding(
              mechanism.label(), false, measured, "the kernel refuses such an event", INSTEAD);
    };
  }

  private static ByteBuffer userSpaceEvent() {
    ByteBuffer attr = ByteBuffer.allocate(PerfEventAttr.BYTES_VER5).order(ByteOrder.LITTLE_ENDIAN);
    attr.putInt(PerfEventAttr.SIZE_OFFSET, PerfEventAttr.BYTES_VER5);
    attr.putLong(
        PerfEventAttr.FLAGS_OFFSET,
        PerfEventAttr.FLAG_DISABLED
            | PerfEventAttr.FLAG_EXCLUDE_KERNEL
            | PerfEventAttr.FLAG_EXCLUDE_HV);
    return attr;
  }

  /** Opens an event on the helper itself; the descriptor goes with the helper. */
  private static long open(ByteBuffer attr) {
    byte[] bytes = new byte[attr.capacity()];
    attr.get(0, bytes);
    try (HelperProcess helper = HelperProcess.start()) {
      return helper.call(Sys.PERF_EVENT_OPEN, helper.place(bytes), 0, -1, -1, 0);
    }
  }
}
