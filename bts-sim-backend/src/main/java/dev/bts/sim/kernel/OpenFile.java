package dev.bts.sim.kernel;

/** An open file ({@code struct file}): released when nobody refers to it any more. */
abstract class OpenFile {
  private int references;

  final void refer() {
    references++;
  }

  final void forget() {
    references--;
    if (references == 0) {
      release();
    }
  }

  /** The last reference is gone. */
  abstract void release();
}
