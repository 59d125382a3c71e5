/** The real Linux behind the interface of bts. */
module dev.bts.kernel {
  requires transitive dev.bts.accounting;
  requires com.sun.jna;
}
