package dev.bts.kernel.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.bts.api.KernelException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class VendorTest {
  @ParameterizedTest
  @CsvSource({
    "AuthenticAMD, AMD",
    "HygonGenuine, AMD",
    "GenuineIntel, INTEL",
    "CentaurHauls, INTEL",
    "'  Shanghai  ', INTEL"
  })
  void vendorIsTheOneThatCpuInfoNames(String identifier, Vendor vendor) {
    List<String> lines = List.of("processor\t: 0", "vendor_id\t: " + identifier, "cpu family\t: 6");
    assertThat(Vendor.ofCpuInfo(lines)).isEqualTo(vendor);
  }

  @Test
  void unknownVendorIsRefusedByName() {
    assertThatThrownBy(() -> Vendor.ofCpuInfo(List.of("vendor_id\t: TransmetaCPU")))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("TransmetaCPU");
    assertThatThrownBy(() -> Vendor.ofCpuInfo(List.of()))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("no vendor_id");
  }

  @Test
  void thisMachineHasAVendor() {
    assumeThat(System.getProperty("os.arch")).as("the machine is x86-64").isEqualTo("amd64");
    assertThat(Vendor.ofThisMachine()).isIn((Object[]) Vendor.values());
  }
}
