package dev.bts.kernel.operations;

import dev.bts.kernel.helper.CallChannel;

/**
 * A thread of a sequence.
 *
 * @param name its number in the language
 * @param channel where it takes calls from
 * @param crew its process
 */
record Actor(int name, CallChannel channel, Crew crew) {
  /** Returns its thread id. */
  int tid() {
    return channel.id();
  }
}
