package dev.bts.sim.program;

/**
 * What one simulated task executes: a state that moves by one {@link Action} at a time. Not safe
 * for several threads; two tasks never share one.
 */
public interface Program {
  /** Moves on by one action and returns it. */
  Action advance();

  /** Returns the address of the branch instruction of the last {@link Action#BRANCH}. */
  long from();

  /** Returns the address that the last {@link Action#BRANCH} went to. */
  long to();

  /** Returns the signal or exit code of the last action, 0 if it has none. */
  int argument();

  /** Returns what the thread of the last {@link Action#CLONE} executes. */
  Program startThread();

  /** Returns what the process of the last {@link Action#FORK} executes. */
  Program startChild();

  /** Returns what is executed after the last {@link Action#EXEC}. */
  Program successor();

  /** Returns where its code lies. */
  CodeImage image();

  /** Returns the command line, for people. */
  String command();
}
