package dev.bts.cli.trace;

import dev.bts.api.Overflow;
import dev.bts.api.record.BranchBuffer;
import dev.bts.api.record.Bts24;
import dev.bts.api.record.TraceSink;
import java.nio.ByteBuffer;
import java.util.Random;

/**
 * A program that branches as programs do, random from a seed: functions with loops, conditions of
 * every bias, and calls. Its branches go through a buffer to a sink, as a session's do.
 */
final class SyntheticProgram {
  private static final int FUNCTIONS = 300;
  private static final int SITES = 8;
  private static final int SITE_BYTES = 24;
  private static final int FUNCTION_BYTES = 512;
  private static final long CODE = 0x5555_5555_4000L;
  private static final int DEPTH_MAX = 6;
  private static final int TID = 4321;
  private static final int BUFFER_RECORDS = 43_690;

  private enum Kind {
    CONDITION,
    LOOP,
    CALL
  }

  private final Random random;
  private final TraceSink sink;
  private final Kind[][] kinds = new Kind[FUNCTIONS][SITES];
  private final double[][] bias = new double[FUNCTIONS][SITES];
  private final int[][] callee = new int[FUNCTIONS][SITES];
  private final BranchBuffer buffer =
      new BranchBuffer(ByteBuffer.allocate(BUFFER_RECORDS * Bts24.RECORD_BYTES), Overflow.DRAIN, 0);
  private long emitted;
  private long limit;

  SyntheticProgram(long seed, TraceSink sink) {
    random = new Random(seed);
    this.sink = sink;
    for (int f = 0; f < FUNCTIONS; f++) {
      for (int s = 0; s < SITES; s++) {
        kinds[f][s] = Kind.values()[random.nextInt(Kind.values().length)];
        // Most conditions of real programs nearly always go one way.
        bias[f][s] = random.nextInt(4) == 0 ? random.nextDouble() : 0.02 * random.nextInt(2);
        callee[f][s] = random.nextInt(FUNCTIONS);
      }
    }
  }

  /** Runs until so many branches were taken. */
  void run(long branches) {
    limit = emitted + branches;
    while (emitted < limit) {
      int function = random.nextInt(FUNCTIONS / 20);
      call(CODE - 64, function, 0);
    }
    flush();
  }

  private static long site(int function, int site) {
    return CODE + (long) function * FUNCTION_BYTES + (long) site * SITE_BYTES;
  }

  private void call(long from, int function, int depth) {
    emit(from, site(function, 0));
    for (int s = 0; s < SITES && emitted < limit; s++) {
      long here = site(function, s) + SITE_BYTES / 2;
      switch (kinds[function][s]) {
        case CONDITION -> {
          if (random.nextDouble() < bias[function][s]) {
            emit(here, here + SITE_BYTES / 2);
          }
        }
        case LOOP -> {
          int trips = 1 + (int) (bias[function][s] * 20) + random.nextInt(4);
          for (int i = 0; i < trips && emitted < limit; i++) {
            emit(here, site(function, s));
          }
        }
        case CALL -> {
          if (depth < DEPTH_MAX) {
            call(here, callee[function][s], depth + 1);
          }
        }
      }
    }
    emit(site(function, SITES), from + 5);
  }

  private void emit(long from, long to) {
    if (emitted == limit) {
      return;
    }
    emitted++;
    if (buffer.append(from, to, 0, TID)) {
      flush();
    }
  }

  private void flush() {
    sink.branches(buffer.cursor());
    buffer.clear();
  }
}
