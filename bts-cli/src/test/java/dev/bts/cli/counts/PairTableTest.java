package dev.bts.cli.counts;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PairTableTest {
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void itSumsAsAMapDoes(long seed) {
    Random random = new Random(seed);
    PairTable table = new PairTable();
    for (int round = 0; round < 2; round++) {
      Map<List<Long>, List<Long>> sums = new HashMap<>();
      for (int i = 0; i < 50_000; i++) {
        long key = random.nextInt(200) * 0x1000L;
        long other = random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(50);
        long value = random.nextInt(10);
        table.add(key, other, value, 1);
        List<Long> before = sums.getOrDefault(List.of(key, other), List.of(0L, 0L));
        List<Long> sum = List.of(before.get(0) + value, before.get(1) + 1);
        sums.put(List.of(key, other), sum);
        assertThat(table.get(key, other)).isEqualTo(sum.get(0));
      }
      assertThat(table.size()).isEqualTo(sums.size());
      Map<List<Long>, List<Long>> found = new HashMap<>();
      table.forEach((a, b, value, count) -> found.put(List.of(a, b), List.of(value, count)));
      assertThat(found).isEqualTo(sums);
      table.clear();
      assertThat(table.size()).isZero();
    }
  }
}
