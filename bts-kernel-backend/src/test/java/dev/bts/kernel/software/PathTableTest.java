package dev.bts.kernel.software;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PathTableTest {
  private static final long SEED = 6;
  private static final int BRANCHES = 1_000_000;

  private int pages;

  /** More than a program of some size has: the table grows many times. */
  @Test
  void keepsAMillionBranchesInAboutTheirOwnSize() {
    PathTable table = new PathTable(this::supply);
    Random random = new Random(SEED);
    int[] paths = new int[BRANCHES];
    int count = 0;
    int branches = 0;
    while (branches < BRANCHES) {
      boolean goesOn = count > 0 && table.length(paths[count - 1]) < PathTable.LENGTH_MAX;
      int prefix = goesOn && random.nextInt(8) > 0 ? paths[count - 1] : 0;
      int path = table.add(prefix, from(count), from(count + 1));
      branches += table.length(path);
      paths[count++] = path;
    }

    for (int i = 0; i < count; i++) {
      assertThat(table.has(paths[i])).isTrue();
      int length = table.length(paths[i]);
      for (int k = 0; k < length; k++) {
        int branch = i - (length - 1 - k);
        assertThat(table.from(paths[i], k)).isEqualTo(from(branch));
        assertThat(table.to(paths[i], k)).isEqualTo(from(branch + 1));
      }
    }
    assertThat(table.has(branches + 1 + BRANCHES)).isFalse();
    assertThat(table.has(-1)).isFalse();
    assertThat(pages * Arena.PAGE_BYTES).isLessThan(2L * branches * 2 * Long.BYTES);
  }

  private static long from(int branch) {
    return 0x7f00_0000_0000L + branch * 16L;
  }

  private ArenaSupply.Supplied supply(
      ArenaSupply.Place place, long near, int wanted, boolean executable) {
    pages += wanted;
    return new ArenaSupply.Supplied(
        ByteBuffer.allocateDirect((int) (wanted * Arena.PAGE_BYTES)).position(Arena.HEADER_BYTES),
        0,
        0);
  }
}
