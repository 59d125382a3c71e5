package dev.bts.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.BufferSpec;
import dev.bts.api.InvalidRequestException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
  @ParameterizedTest
  @CsvSource({"0, 0", "1, 1", "64K, 65536", "64k, 65536", "1M, 1048576", "2G, 2147483648"})
  void sizesAreReadWithBinarySuffixes(String text, long bytes) {
    assertThat(ByteSize.parse(text)).isEqualTo(bytes);
  }

  @Test
  void autoIsAuto() {
    assertThat(ByteSize.parse("auto")).isEqualTo(BufferSpec.AUTO);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "K", "-1", "1.5M", "1KB", "0x10", "9223372036854775808", "8589934592G"})
  void anythingElseIsRefusedWithAnExample(String text) {
    assertThatThrownBy(() -> ByteSize.parse(text))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("65536, 64K or 1M");
  }
}
