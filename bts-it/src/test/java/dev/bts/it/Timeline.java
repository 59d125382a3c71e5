package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A Perfetto trace with slices, read by the numbers that Perfetto's schema gives to fields:
 * trace_packet.proto, track_event.proto, track_descriptor.proto, thread_descriptor.proto and
 * interned_data.proto of Perfetto 44.
 */
final class Timeline {
  private static final int SLICE_BEGIN = 1;
  private static final int SLICE_END = 2;

  private final Map<Long, String> names = new HashMap<>();
  private final Map<Long, List<String>> open = new HashMap<>();
  private final Map<String, Integer> slices = new HashMap<>();
  private final Map<Long, String> threads = new HashMap<>();
  private long lastTimestamp;
  private int deepest;

  private Timeline() {}

  private interface Field {
    void read(int number, CodedInputStream in) throws IOException;
  }

  static Timeline read(Path file) throws IOException {
    Timeline timeline = new Timeline();
    message(
        CodedInputStream.newInstance(Files.readAllBytes(file)),
        (field, in) -> {
          assertThat(field).as("Trace has packets only").isEqualTo(1);
          timeline.packet(in);
        });
    return timeline;
  }

  /** Returns how many slices of each name there are. */
  Map<String, Integer> slices() {
    return slices;
  }

  long openSlices() {
    return open.values().stream().mapToLong(List::size).sum();
  }

  int deepest() {
    return deepest;
  }

  /** Returns the names of the threads that have tracks. */
  List<String> threads() {
    return List.copyOf(threads.values());
  }

  private void packet(CodedInputStream in) throws IOException {
    long[] event = new long[3]; // type, name, track
    inner(
        in,
        (field, packet) -> {
          switch (field) {
            case 8 -> {
              long timestamp = packet.readUInt64();
              assertThat(timestamp).isGreaterThanOrEqualTo(lastTimestamp);
              lastTimestamp = timestamp;
            }
            case 10 -> assertThat(packet.readUInt32()).isEqualTo(1);
            case 11 -> inner(packet, (f, e) -> event[f - 9] = e.readUInt64());
            case 12 -> inner(packet, (f, data) -> intern(data));
            case 13 -> assertThat(packet.readUInt32()).isBetween(1, 3);
            case 60 -> track(packet);
            default -> throw new AssertionError("TracePacket has a field " + field);
          }
        });
    if (event[0] == SLICE_BEGIN) {
      String name = names.get(event[1]);
      assertThat(name).as("name %d", event[1]).isNotNull();
      assertThat(threads).containsKey(event[2]);
      List<String> stack = open.computeIfAbsent(event[2], t -> new ArrayList<>());
      stack.add(name);
      slices.merge(name, 1, Integer::sum);
      deepest = Math.max(deepest, stack.size());
    } else if (event[0] == SLICE_END) {
      List<String> stack = open.getOrDefault(event[2], List.of());
      assertThat(stack).as("slices that can end").isNotEmpty();
      stack.remove(stack.size() - 1);
    }
  }

  private void intern(CodedInputStream data) throws IOException {
    long[] number = new long[1];
    inner(
        data,
        (field, in) -> {
          if (field == 1) {
            number[0] = in.readUInt64();
          } else {
            names.put(number[0], in.readString());
          }
        });
  }

  private void track(CodedInputStream packet) throws IOException {
    long[] uuid = new long[1];
    inner(
        packet,
        (field, in) -> {
          switch (field) {
            case 1 -> uuid[0] = in.readUInt64();
            case 4 -> inner(in, (f, t) -> thread(uuid[0], f, t));
            default -> in.skipRawBytes(in.readRawVarint32());
          }
        });
  }

  private void thread(long uuid, int field, CodedInputStream in) throws IOException {
    if (field == 5) {
      threads.put(uuid, in.readString());
    } else {
      assertThat(in.readInt32()).isPositive();
    }
  }

  private static void inner(CodedInputStream in, Field fields) throws IOException {
    int limit = in.pushLimit(in.readRawVarint32());
    message(in, fields);
    in.popLimit(limit);
  }

  private static void message(CodedInputStream in, Field fields) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      fields.read(WireFormat.getTagFieldNumber(tag), in);
    }
  }
}
