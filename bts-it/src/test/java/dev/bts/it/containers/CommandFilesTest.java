package dev.bts.it.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of the tests' class path just what the command needs is picked. */
class CommandFilesTest {
  @TempDir Path directory;

  @Test
  void theCommandRunsWithWhatIsPickedAlone() throws IOException {
    String picked =
        CommandFiles.onClassPath().stream()
            .map(Path::toString)
            .collect(Collectors.joining(File.pathSeparator));
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    assertThat(Commands.output(java, "-cp", picked, "dev.bts.cli.Bts", "--version"))
        .startsWith("bts ");
  }

  @Test
  void whatOnlyTestsUseIsNotPicked() {
    assertThat(CommandFiles.onClassPath().toString())
        .contains("jna-", "picocli-", "zstd-jni-")
        .doesNotContain("junit", "assertj", "testcontainers-", "test-classes", "-tests.jar");
  }

  @Test
  void otherVersionsOfLibrariesAreTaken() throws IOException {
    Path other = Files.createFile(directory.resolve("jna-99.1.jar"));
    String classPath = withoutJna() + File.pathSeparator + other;
    assertThat(CommandFiles.of(classPath)).contains(other);
  }

  @Test
  void aMissingLibraryIsNamed() {
    assertThatThrownBy(() -> CommandFiles.of(withoutJna()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("[jna]");
  }

  private static String withoutJna() {
    List<String> all =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1)).toList();
    return all.stream()
        .filter(file -> !Path.of(file).getFileName().toString().startsWith("jna-"))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
