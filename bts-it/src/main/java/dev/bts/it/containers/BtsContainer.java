package dev.bts.it.containers;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Ulimit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.testcontainers.containers.GenericContainer;

/**
 * A container with the command bts and a JRE in it, for tests of what programs and their branch
 * tracers may do, and who pays, under the limits of a container. It does nothing by itself: tests
 * run commands in it.
 *
 * <pre>{@code
 * try (BtsContainer container = new BtsContainer().withMemlock(8 << 20)) {
 *   container.start();
 *   Trace trace = container.as(1000).record("--charge", "user", "--buffer", "4M", "--", "true");
 *   assertThat(trace).complete().chargedTo(user(1000)).pages(1024).refunded();
 * }
 * }</pre>
 *
 * <p>Unless said otherwise everything is as the engine has it by default.
 */
public class BtsContainer extends GenericContainer<BtsContainer> {
  /** No limit, for {@link #withMemlock}. */
  public static final long UNLIMITED = -1;

  private final List<String> securityOptions = new ArrayList<>();
  private final List<Ulimit> ulimits = new ArrayList<>();

  /** Creates a container of the default image: see {@link BtsImage#byDefault}. */
  public BtsContainer() {
    this(BtsImage.byDefault());
  }

  /** Creates a container of an image. */
  @SuppressWarnings("this-escape") // Testcontainers' way of configuring in a constructor.
  public BtsContainer(BtsImage image) {
    super(image.name());
    withCommand("sleep", "infinity");
    // Reaps what has lost its parent; as the first process, sleep would not.
    withHost(host -> host.withInit(true));
    withHost(host -> host.withSecurityOpts(securityOptions));
    withHost(host -> host.withUlimits(ulimits));
  }

  /** Adds capabilities, named as in {@code SYS_PTRACE} or {@code IPC_LOCK}. */
  public BtsContainer withCapabilities(String... names) {
    return withHost(host -> host.withCapAdd(joined(host.getCapAdd(), names)));
  }

  /** Takes capabilities away; {@code ALL} takes all. */
  public BtsContainer withoutCapabilities(String... names) {
    return withHost(host -> host.withCapDrop(joined(host.getCapDrop(), names)));
  }

  /** Lets programs call the kernel without a filter of system calls. */
  public BtsContainer withoutSeccomp() {
    securityOptions.add("seccomp=unconfined");
    return this;
  }

  /** Filters system calls by a profile, a file in Docker's JSON. */
  public BtsContainer withSeccompProfile(Path profile) {
    try {
      securityOptions.add("seccomp=" + Files.readString(profile));
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Limits locked memory, in bytes; {@link #UNLIMITED} is no limit. */
  public BtsContainer withMemlock(long bytes) {
    return withUlimit("memlock", bytes, bytes);
  }

  /** Sets a soft and a hard limit, named as in {@code memlock} or {@code nofile}. */
  public BtsContainer withUlimit(String name, long soft, long hard) {
    ulimits.add(new Ulimit(name, soft, hard));
    return this;
  }

  /** Limits the memory of the container's control group, and allows it no swap beyond. */
  public BtsContainer withMemoryLimit(long bytes) {
    return withHost(host -> host.withMemory(bytes).withMemorySwap(bytes));
  }

  /** Runs the container's processes as a user: a name or number, and after a colon a group. */
  public BtsContainer withUser(String user) {
    return withCreateContainerCmdModifier(command -> command.withUser(user));
  }

  /** Shares the process ids of another container, which must have been started before this one. */
  public BtsContainer withPidNamespaceOf(BtsContainer other) {
    return withHost(host -> host.withPidMode("container:" + other.getContainerId()));
  }

  /** Lets other containers share this one's System V memory. */
  public BtsContainer withShareableIpcNamespace() {
    return withHost(host -> host.withIpcMode("shareable"));
  }

  /**
   * Shares the System V memory of another container, which must be {@link
   * #withShareableIpcNamespace} and have been started before this one.
   */
  public BtsContainer withIpcNamespaceOf(BtsContainer other) {
    return withHost(host -> host.withIpcMode("container:" + other.getContainerId()));
  }

  /** Returns what runs commands in this container as its user. */
  public Inside inside() {
    return new Inside(this, "", List.of());
  }

  /** Returns what runs commands in this container as a user. */
  public Inside as(int uid) {
    return new Inside(this, uid + ":" + uid, List.of());
  }

  /** Copies a trace out of the container, which may have ended. */
  public Trace trace(String pathInContainer) {
    try {
      Path directory = Files.createTempDirectory("bts-trace");
      try {
        Path copy = directory.resolve("copied.bts");
        copyFileFromContainer(pathInContainer, copy.toString());
        return Trace.read(copy);
      } finally {
        Files.deleteIfExists(directory.resolve("copied.bts"));
        Files.delete(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private BtsContainer withHost(Consumer<HostConfig> change) {
    return withCreateContainerCmdModifier(command -> change.accept(hostOf(command)));
  }

  private static HostConfig hostOf(CreateContainerCmd command) {
    return Objects.requireNonNull(command.getHostConfig());
  }

  private static Capability[] joined(Capability[] present, String... names) {
    List<Capability> all = new ArrayList<>(present == null ? List.of() : List.of(present));
    Arrays.stream(names).map(Capability::valueOf).forEach(all::add);
    return all.toArray(Capability[]::new);
  }
}
