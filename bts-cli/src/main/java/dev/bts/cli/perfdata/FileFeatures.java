package dev.bts.cli.perfdata;

import dev.bts.kernel.perf.PerfRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What a file says about the machine, the command and the build ids of files. */
final class FileFeatures {
  private static final int BUILD_IDS_MAX = 1 << 16;
  private static final int ARGUMENTS_MAX = 4096;
  private static final int STRING_BYTES_MAX = 1 << 16;

  /** What perf before 5.11 made a build id as long as a SHA-1 with: zeros, four bytes at a time. */
  private static final Pattern PADDING = Pattern.compile("(00000000)+$");

  private final Map<String, String> machine = new LinkedHashMap<>();
  private final Map<String, String> buildIds = new HashMap<>();
  private List<String> perfCommand = List.of();

  /** Reads the content of a feature; those that tell nothing about branches are passed over. */
  void read(int feature, ByteBuffer content) throws DamagedDataException {
    switch (feature) {
      case PerfFileLayout.FEATURE_HOSTNAME -> machine.put("host", string(content));
      case PerfFileLayout.FEATURE_OSRELEASE -> machine.put("kernel", "Linux " + string(content));
      case PerfFileLayout.FEATURE_VERSION -> machine.put("recorded by", "perf " + string(content));
      case PerfFileLayout.FEATURE_ARCH -> machine.put("architecture", string(content));
      case PerfFileLayout.FEATURE_CPUDESC -> machine.put("cpu", string(content));
      case PerfFileLayout.FEATURE_CPUID -> machine.put("cpuid", string(content));
      case PerfFileLayout.FEATURE_CMDLINE -> perfCommand = strings(content);
      case PerfFileLayout.FEATURE_BUILD_ID -> readBuildIds(content);
      default -> {}
    }
  }

  Map<String, String> machine() {
    return machine;
  }

  /** Returns the command after perf's own options, if a {@code --} tells where that begins. */
  List<String> command() {
    int end = perfCommand.indexOf("--");
    return end < 0 ? List.of() : perfCommand.subList(end + 1, perfCommand.size());
  }

  /** Returns the build id of a file in hex, empty if unknown. */
  String buildId(String path) {
    return buildIds.getOrDefault(path, "");
  }

  /** Takes the build id that a record tells. */
  void addBuildId(PerfRecordView record) throws DamagedDataException {
    boolean sized = record.hasMisc(PerfFileLayout.MISC_BUILD_ID_SIZE);
    int length =
        sized
            ? Math.min(record.u8(PerfFileLayout.BUILD_ID_SIZE_OFFSET), PerfRecord.BUILD_ID_BYTES)
            : PerfRecord.BUILD_ID_BYTES;
    String path = record.text(PerfFileLayout.BUILD_ID_NAME_OFFSET);
    if (buildIds.size() < BUILD_IDS_MAX) {
      String id = record.hex(PerfFileLayout.BUILD_ID_OFFSET, length);
      buildIds.put(path, sized ? id : PADDING.matcher(id).replaceFirst(""));
    }
  }

  private void readBuildIds(ByteBuffer content) throws DamagedDataException {
    PerfRecordView view = new PerfRecordView();
    while (content.remaining() >= PerfRecord.HEADER_BYTES) {
      int at = content.position();
      int size = Short.toUnsignedInt(content.getShort(at + PerfRecord.SIZE_OFFSET));
      if (size < PerfFileLayout.BUILD_ID_NAME_OFFSET || size > content.remaining()) {
        throw new DamagedDataException("its table of build ids is damaged");
      }
      addBuildId(view.wrap(content, at, size));
      content.position(at + size);
    }
  }

  private static List<String> strings(ByteBuffer content) throws DamagedDataException {
    int count = length(content, ARGUMENTS_MAX);
    List<String> strings = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      strings.add(string(content));
    }
    return strings;
  }

  /** Reads a string: its length with padding, and its bytes up to a zero byte. */
  private static String string(ByteBuffer content) throws DamagedDataException {
    byte[] bytes = new byte[length(content, STRING_BYTES_MAX)];
    if (bytes.length > content.remaining()) {
      throw new DamagedDataException("a string in its header runs over its end");
    }
    content.get(bytes);
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }

  private static int length(ByteBuffer content, int max) throws DamagedDataException {
    if (content.remaining() < Integer.BYTES) {
      throw new DamagedDataException("a string in its header is cut off");
    }
    int length = content.getInt();
    if (length < 0 || length > max) {
      throw new DamagedDataException(
          "its header has a length of " + Integer.toUnsignedString(length));
    }
    return length;
  }
}
