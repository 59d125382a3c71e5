package dev.bts.cli.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.record.SideEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SymbolizerTest {
  private static final int PID = 10;
  private static final long START = 0x7f00_0000_0000L;

  @TempDir Path directory;

  private final AddressSpaces spaces = new AddressSpaces();
  private final Symbolizer symbolizer = new Symbolizer(spaces);

  private Path file(ElfBuilder elf) throws IOException {
    return Files.write(directory.resolve("program"), elf.build());
  }

  /** Maps the code of a file at START, as a loader maps the code segment alone. */
  private void map(String path, String buildId) {
    spaces.apply(
        new SideEvent.Mapped(
            PID,
            0,
            PID,
            START,
            START + ElfBuilder.TEXT_BYTES,
            ElfBuilder.TEXT_OFFSET,
            path,
            buildId));
  }

  @Test
  void addressesAreFoundInFunctionsThroughMappingAndSegment() throws IOException {
    Path file = file(new ElfBuilder().function("first", 0x10, 0x20).function("second", 0x30, 8));
    map(file.toString(), "");

    assertThat(symbolizer.locate(PID, START + 0x10))
        .isEqualTo(new Location(file.toString(), "first", 0));
    assertThat(symbolizer.locate(PID, START + 0x2f))
        .isEqualTo(new Location(file.toString(), "first", 0x1f));
    assertThat(symbolizer.locate(PID, START + 0x31).function()).isEqualTo("second");
    assertThat(symbolizer.notes()).isEmpty();
  }

  @Test
  void codeBetweenFunctionsHasNoNameButItsFileOffset() throws IOException {
    Path file = file(new ElfBuilder().function("first", 0x10, 0x20));
    map(file.toString(), "");

    assertThat(symbolizer.locate(PID, START + 0x38))
        .isEqualTo(new Location(file.toString(), "", ElfBuilder.TEXT_OFFSET + 0x38));
  }

  @Test
  void labelsNameWhatNoFunctionDoes() throws IOException {
    Path file =
        file(new ElfBuilder().label("_start", 0).function("f", 0x20, 0x20).label("inner", 0x28));
    map(file.toString(), "");

    assertThat(symbolizer.locate(PID, START + 4).function()).isEqualTo("_start");
    assertThat(symbolizer.locate(PID, START + 0x2a).function()).isEqualTo("f");
    assertThat(symbolizer.locate(PID, START + 0x50).function()).isEqualTo("inner");
  }

  @Test
  void addressesOutsideAllMappingsAreNowhere() {
    map("/no/such/file", "");

    assertThat(symbolizer.locate(PID, START - 1)).isEqualTo(new Location("", "", 0));
    assertThat(symbolizer.locate(PID, START + ElfBuilder.TEXT_BYTES).module()).isEmpty();
    assertThat(symbolizer.locate(PID + 1, START).module()).isEmpty();
  }

  @Test
  void theVdsoIsNamedAndNotLookedFor() {
    map("[vdso]", "");

    assertThat(symbolizer.locate(PID, START + 5))
        .isEqualTo(new Location("[vdso]", "", ElfBuilder.TEXT_OFFSET + 5));
    assertThat(symbolizer.notes()).isEmpty();
  }

  @Test
  void aFileWithAnotherBuildIdIsNotBelieved() throws IOException {
    Path file = file(new ElfBuilder().function("first", 0, 0x20).buildId((byte) 0xab, (byte) 1));

    map(file.toString(), "ab02");

    assertThat(symbolizer.locate(PID, START).function()).isEmpty();
    assertThat(symbolizer.notes()).singleElement().asString().contains("ab01", "ab02");
  }

  @Test
  void aFileWithTheSameBuildIdIsBelieved() throws IOException {
    Path file = file(new ElfBuilder().function("first", 0, 0x20).buildId((byte) 0xab, (byte) 1));

    map(file.toString(), "ab01");

    assertThat(symbolizer.locate(PID, START).function()).isEqualTo("first");
  }

  @Test
  void aFileThatIsGoneLeavesANote() {
    map("/no/such/file", "");

    assertThat(symbolizer.locate(PID, START).moduleName()).isEqualTo("file");
    assertThat(symbolizer.notes()).containsExactly("/no/such/file: no symbols: it does not exist");
  }

  @Test
  void aDirectoryOrDeviceIsNotOpened() {
    map("/dev/zero", "");

    symbolizer.locate(PID, START);

    assertThat(symbolizer.notes())
        .containsExactly("/dev/zero: no symbols: it is not a regular file");
  }

  @Test
  void aForkedChildHasTheMappingsOfItsParent() throws IOException {
    map(file(new ElfBuilder().function("first", 0, 0x20)).toString(), "");
    spaces.apply(new SideEvent.ProcessStarted(11, 0, 11, PID, "child"));
    spaces.apply(new SideEvent.ThreadStarted(12, 0, 11, 11));

    assertThat(symbolizer.locate(spaces.pid(12), START).function()).isEqualTo("first");
    assertThat(spaces.comm(11)).isEqualTo("child");
  }

  @Test
  void execForgetsMappingsAndChangesTheName() {
    map("[vdso]", "");

    spaces.apply(new SideEvent.Exec(PID, 0, PID, "/usr/bin/a-very-long-name"));

    assertThat(symbolizer.locate(PID, START).module()).isEmpty();
    assertThat(spaces.comm(PID)).isEqualTo("a-very-long-nam");
  }

  @Test
  void aMappingReplacesWhatItCoversAndNoMore() {
    map("[a]", "");

    spaces.apply(new SideEvent.Mapped(PID, 0, PID, START + 16, START + 32, 0, "[vdso]", ""));

    assertThat(symbolizer.locate(PID, START + 15))
        .isEqualTo(new Location("[a]", "", ElfBuilder.TEXT_OFFSET + 15));
    assertThat(symbolizer.locate(PID, START + 16)).isEqualTo(new Location("[vdso]", "", 0));
    assertThat(symbolizer.locate(PID, START + 31).module()).isEqualTo("[vdso]");
    assertThat(symbolizer.locate(PID, START + 32))
        .isEqualTo(new Location("[a]", "", ElfBuilder.TEXT_OFFSET + 32));
  }

  @Test
  void aMappingReplacesAllThatItCovers() {
    spaces.apply(new SideEvent.Mapped(PID, 0, PID, START, START + 16, 0, "[a]", ""));
    spaces.apply(new SideEvent.Mapped(PID, 0, PID, START + 16, START + 32, 0, "[b]", ""));
    spaces.apply(new SideEvent.Mapped(PID, 0, PID, START + 32, START + 48, 0, "[c]", ""));

    spaces.apply(new SideEvent.Mapped(PID, 0, PID, START + 8, START + 40, 0, "[vdso]", ""));

    assertThat(symbolizer.locate(PID, START + 7).module()).isEqualTo("[a]");
    assertThat(symbolizer.locate(PID, START + 8).module()).isEqualTo("[vdso]");
    assertThat(symbolizer.locate(PID, START + 39).module()).isEqualTo("[vdso]");
    assertThat(symbolizer.locate(PID, START + 40).module()).isEqualTo("[c]");
  }

  @Test
  void theLibrariesOfThisJavaHaveFunctions() throws IOException, ElfException {
    Path library = Path.of(System.getProperty("java.home"), "lib", "libjava.so");

    ElfImage image = ElfReader.read(library);

    assertThat(image.symbols()).extracting(Symbol::name).contains("JNI_OnLoad", "memcpy@plt");
    Symbol onLoad =
        image.symbols().stream()
            .filter(s -> s.name().equals("JNI_OnLoad"))
            .findFirst()
            .orElseThrow();
    assertThat(image.symbolAt(onLoad.start() + 1)).isEqualTo(onLoad);
  }

  @ParameterizedTest(name = "seed {0}; replay with -Dtest=SymbolizerTest")
  @ValueSource(longs = {1, 2, 3})
  void damagedFilesAreRefusedOrReadButNeverBreakTheReader(long seed) throws IOException {
    byte[] intact =
        new ElfBuilder().function("first", 0x10, 0x20).label("x", 4).buildId((byte) 7).build();
    Random random = new Random(seed);
    Path file = directory.resolve("damaged");
    int refused = 0;
    for (int round = 0; round < 2000; round++) {
      byte[] bytes = java.util.Arrays.copyOf(intact, intact.length - random.nextInt(2) * 100);
      for (int hit = 0; hit < 3; hit++) {
        // The code is long and says nothing: aim at the rest.
        int at = random.nextInt(ElfBuilder.TEXT_OFFSET / 8);
        at = random.nextBoolean() ? at : bytes.length - 1 - at;
        bytes[at] = (byte) random.nextInt();
      }
      Files.write(file, bytes);
      try {
        ElfReader.read(file).symbolAt(random.nextLong());
      } catch (ElfException e) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }

  @Test
  void anEmptyFileIsRefused() throws IOException {
    Path empty = Files.createFile(directory.resolve("empty"));

    assertThatThrownBy(() -> ElfReader.read(empty)).isInstanceOf(ElfException.class);
  }
}
