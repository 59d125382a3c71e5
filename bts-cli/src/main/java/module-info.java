/** The command bts, and the trace file that it writes and reads. */
module dev.bts.cli {
  requires transitive dev.bts.api;
  requires com.github.luben.zstd_jni;

  exports dev.bts.cli.trace;
}
