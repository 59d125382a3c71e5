package dev.bts.it.containers;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * The root of a file system made of files of this machine, for where no image can be pulled: a Java
 * runtime, a shell, programs that start others under limits or as other users, and the shared
 * objects that all these need.
 */
final class LocalRoot {
  /** Where the runtime is, as seen in the container. */
  static final String JAVA_HOME = "/opt/java";

  /** Who wants more puts it into the container. */
  private static final List<String> PROGRAMS =
      List.of(
          "cat",
          "chmod",
          "env",
          "id",
          "ls",
          "nsenter",
          "prlimit",
          "readlink",
          "setpriv",
          "sh",
          "sleep",
          "true",
          "unshare");

  /** What bts and its libraries use. */
  private static final String MODULES = "java.base,java.logging,java.xml,jdk.unsupported";

  private static final String C_LIBRARY = "libc.so.6";

  /** What was one library once: the native code in jars names these. */
  private static final List<String> PARTS_OF_C_LIBRARY =
      List.of("libdl.so.2", "libm.so.6", "libpthread.so.0", "librt.so.1");

  private static final String USERS =
      "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n";

  private static final int EVERYBODY_WRITES = 01777;
  private static final Pattern SHARED_OBJECT =
      Pattern.compile("(?:=> )?(/[^ ]+) \\(0x[0-9a-f]+\\)");

  private final Path root;
  private final Set<Path> programs = new TreeSet<>();

  private LocalRoot(Path root) {
    this.root = root;
  }

  /** Makes the tree below a directory that is there and empty. */
  static void make(Path root) throws IOException {
    LocalRoot tree = new LocalRoot(root);
    Path temporary = Files.createDirectory(root.resolve("tmp"));
    Files.setAttribute(temporary, "unix:mode", EVERYBODY_WRITES);
    Files.createDirectory(root.resolve("etc"));
    Files.writeString(root.resolve("etc/passwd"), USERS);
    Files.createDirectory(root.resolve("bin"));
    for (String program : PROGRAMS) {
      tree.program(program);
    }
    tree.runtime();
    tree.sharedObjects();
  }

  private void program(String name) throws IOException {
    Path found =
        Stream.of("/bin", "/usr/bin", "/sbin", "/usr/sbin")
            .map(directory -> Path.of(directory, name))
            .filter(Files::isExecutable)
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        name
                            + " is neither in /bin nor in /usr/bin of this machine: install it, or"
                            + " base the image on another image"));
    Files.copy(found, root.resolve("bin").resolve(name));
    programs.add(found);
  }

  private void runtime() throws IOException {
    Path home = root.resolve(JAVA_HOME.substring(1));
    Files.createDirectories(home.getParent());
    ToolProvider jlink =
        ToolProvider.findFirst("jlink")
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "there is no jlink in "
                            + System.getProperty("java.home")
                            + ", which is no JDK: run with a JDK, or base the image on another"
                            + " image"));
    StringWriter said = new StringWriter();
    PrintWriter out = new PrintWriter(said);
    int status =
        jlink.run(
            out,
            out,
            "--add-modules",
            MODULES,
            "--strip-java-debug-attributes",
            "--no-man-pages",
            "--no-header-files",
            "--output",
            home.toString());
    if (status != 0) {
      throw new IllegalStateException("jlink failed with status " + status + ": " + said);
    }
    // The classes of the virtual machine itself, ready to be mapped: it starts in half the time.
    Commands.output(home.resolve("bin/java").toString(), "-XX:+UseSerialGC", "-Xshare:dump");
    programs.add(home.resolve("bin/java"));
    programs.add(home.resolve("lib/server/libjvm.so"));
    programs.add(home.resolve("lib/libnet.so"));
    programs.add(home.resolve("lib/libzip.so"));
  }

  /** Asks the dynamic loader, which knows where it would take each from. */
  private void sharedObjects() throws IOException {
    for (Path program : programs) {
      Matcher objects = SHARED_OBJECT.matcher(Commands.output("ldd", program.toString()));
      while (objects.find()) {
        Path object = Path.of(objects.group(1));
        if (!object.normalize().startsWith(root)) {
          sharedObject(object);
          if (object.endsWith(C_LIBRARY)) {
            for (String part : PARTS_OF_C_LIBRARY) {
              sharedObject(object.resolveSibling(part));
            }
          }
        }
      }
    }
  }

  private void sharedObject(Path object) throws IOException {
    Path copy = root.resolve(object.toString().substring(1));
    Files.createDirectories(copy.getParent());
    Files.copy(object, copy, StandardCopyOption.REPLACE_EXISTING);
  }
}
