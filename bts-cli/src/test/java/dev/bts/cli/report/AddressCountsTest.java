package dev.bts.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressCountsTest {
  @ParameterizedTest(name = "seed {0}; replay with -Dtest=AddressCountsTest")
  @ValueSource(longs = {1, 2, 3})
  void countsAgreeWithAMapWhileTheTableGrows(long seed) {
    Random random = new Random(seed);
    AddressCounts counts = new AddressCounts();
    for (int round = 0; round < 2; round++) {
      Map<Long, Long> from = new HashMap<>();
      Map<Long, Long> to = new HashMap<>();
      for (int i = 0; i < 100_000; i++) {
        long address = random.nextBoolean() ? random.nextInt(20_000) : random.nextLong();
        if (random.nextBoolean()) {
          counts.countFrom(address);
          from.merge(address, 1L, Long::sum);
        } else {
          counts.countTo(address);
          to.merge(address, 1L, Long::sum);
        }
      }
      Map<Long, Long> countedFrom = new HashMap<>();
      Map<Long, Long> countedTo = new HashMap<>();
      counts.forEach(
          (address, branchesFrom, branchesTo) -> {
            if (branchesFrom > 0) {
              countedFrom.put(address, branchesFrom);
            }
            if (branchesTo > 0) {
              countedTo.put(address, branchesTo);
            }
          });

      assertThat(countedFrom).isEqualTo(from);
      assertThat(countedTo).isEqualTo(to);
      counts.clear();
      assertThat(counts.size()).isZero();
    }
  }
}
