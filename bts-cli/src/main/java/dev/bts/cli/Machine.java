package dev.bts.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Facts about this machine for the header of a trace. */
final class Machine {
  private static final String CPU_MODEL = "model name";

  private Machine() {}

  static Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    facts.put("architecture", System.getProperty("os.arch"));
    facts.put("cpu", cpuModel());
    facts.put("cpus", Integer.toString(Runtime.getRuntime().availableProcessors()));
    return facts;
  }

  private static String cpuModel() {
    try (BufferedReader lines =
        Files.newBufferedReader(Path.of("/proc/cpuinfo"), StandardCharsets.UTF_8)) {
      String line = lines.readLine();
      while (line != null) {
        if (line.startsWith(CPU_MODEL)) {
          return line.substring(line.indexOf(':') + 1).strip();
        }
        line = lines.readLine();
      }
      return "unknown";
    } catch (IOException e) {
      return "unknown: " + e.getMessage();
    }
  }
}
