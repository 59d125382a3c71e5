package dev.bts.it.containers;

import com.github.dockerjava.api.exception.NotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.images.builder.ImageFromDockerfile;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.LazyFuture;

/**
 * An image with the command bts and a JRE. It is built when the first container starts from it, on
 * an image that has a JRE or, where none can be pulled, of files of this machine. There is one for
 * each base; it is removed when the virtual machine ends.
 */
public final class BtsImage {
  /** The image that bts is put on unless another is named. */
  public static final String PUBLIC_BASE = "eclipse-temurin:17-jre";

  /** Stands for files of this machine where the name of a base image stands otherwise. */
  public static final String FILES = "files";

  /** The system property that names the base of {@link #byDefault}: an image, or {@link #FILES}. */
  public static final String BASE_PROPERTY = "bts.container.base";

  /** The environment variable that does so where the system property is not set. */
  public static final String BASE_VARIABLE = "BTS_CONTAINER_BASE";

  private static final Map<String, BtsImage> IMAGES = new ConcurrentHashMap<>();
  private static final int EXECUTABLE = 0755;

  private final String base;
  private final Future<String> name;

  private BtsImage(String base) {
    this.base = base;
    name =
        new LazyFuture<>() {
          @Override
          protected String resolve() {
            return build();
          }
        };
  }

  /** Returns the image on what {@link #BASE_PROPERTY} names, or else on {@link #PUBLIC_BASE}. */
  public static BtsImage byDefault() {
    String variable = System.getenv(BASE_VARIABLE);
    return on(System.getProperty(BASE_PROPERTY, variable == null ? PUBLIC_BASE : variable));
  }

  /**
   * Returns the image on another one, which must have a shell and {@code java}, 17 or newer, on
   * PATH.
   */
  public static BtsImage on(String base) {
    return IMAGES.computeIfAbsent(base, BtsImage::new);
  }

  /**
   * Returns the image made of files of this machine: a runtime that jlink makes of the running JDK,
   * a shell and some programs, and the shared objects that these need. Nothing is pulled.
   */
  public static BtsImage fromFiles() {
    return on(FILES);
  }

  /** Returns what bts is put on: the name of an image, or {@link #FILES}. */
  public String base() {
    return base;
  }

  /** Returns the name of the image, which is built when the name is asked for. */
  Future<String> name() {
    return name;
  }

  private String build() {
    try {
      Path context = Files.createTempDirectory("bts-image");
      try {
        ImageFromDockerfile image = new ImageFromDockerfile();
        String from = "FROM " + base + "\n";
        if (base.equals(FILES)) {
          Path root = Files.createDirectory(context.resolve("root"));
          LocalRoot.make(root);
          image = image.withFileFromPath("root", root);
          from =
              "FROM scratch\nCOPY root /\nENV PATH=/usr/local/bin:/bin:"
                  + LocalRoot.JAVA_HOME
                  + "/bin\n";
        }
        int number = 0;
        // The order of the class path is kept: of two copies of a class the same one wins.
        for (Path file : CommandFiles.onClassPath()) {
          image =
              image.withFileFromPath("lib/%02d-%s".formatted(number++, file.getFileName()), file);
        }
        image = image.withFileFromTransferable("bts", Transferable.of(launcher(), EXECUTABLE));
        image =
            image.withFileFromString(
                "Dockerfile", from + "COPY lib /opt/bts/lib\nCOPY bts /usr/local/bin/bts\n");
        String built = image.get();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(built), "remove " + built));
        return built;
      } finally {
        deleteTree(context);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void remove(String image) {
    try {
      DockerClientFactory.lazyClient().removeImageCmd(image).withForce(true).exec();
    } catch (NotFoundException e) {
      // Testcontainers has removed it, which it does with some engines.
      return;
    }
  }

  private static byte[] launcher() throws IOException {
    try (InputStream in = BtsImage.class.getResourceAsStream("bts.sh")) {
      return Objects.requireNonNull(in, "bts.sh").readAllBytes();
    }
  }

  private static void deleteTree(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
        Files.delete(file);
      }
    }
  }
}
