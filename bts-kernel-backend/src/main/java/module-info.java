/** The real Linux behind the interface of bts. */
@SuppressWarnings("module") // The command, which may see the decoder, is built later.
module dev.bts.kernel {
  requires transitive dev.bts.accounting;
  requires static com.google.guice;
  requires com.sun.jna;

  exports dev.bts.kernel;
  exports dev.bts.kernel.perf;
  exports dev.bts.kernel.x86 to
      dev.bts.cli;

  provides dev.bts.api.BranchTracer with
      dev.bts.kernel.KernelTracer;
  provides dev.bts.accounting.operations.LiveMachine with
      dev.bts.kernel.operations.KernelOperations;
}
