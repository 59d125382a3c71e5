/** The command bts, and the trace file that it writes and reads. */
module dev.bts.cli {
  requires transitive dev.bts.api;
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires com.fasterxml.jackson.dataformat.yaml;
  requires com.github.luben.zstd_jni;
  requires com.google.protobuf;
  requires dev.bts.accounting;
  requires dev.bts.kernel;
  requires dev.bts.sim;
  requires info.picocli;
  requires jdk.unsupported;
  requires parquet.format.structures;

  exports dev.bts.cli;
  exports dev.bts.cli.export;
  exports dev.bts.cli.perfdata;
  exports dev.bts.cli.report;
  exports dev.bts.cli.symbols;
  exports dev.bts.cli.text;
  exports dev.bts.cli.trace;

  opens dev.bts.cli to
      info.picocli;
}
