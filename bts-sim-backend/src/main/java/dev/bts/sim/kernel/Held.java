package dev.bts.sim.kernel;

/** Memory that a task holds in another way than by a mapping of the model, until it ends. */
interface Held {
  /** Lets go of it: who paid is refunded. Again, it has no effect. */
  void letGo();
}
